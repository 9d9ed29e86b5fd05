"""What people read for the kinds that readers tell (of an organ, of a name, of who took money)."""

from __future__ import annotations

KIND_TITLES = {
    "police": "公安机关",
    "state_security": "国家安全机关",
    "coast_guard": "海警机构",
    "military_security": "军队保卫部门",
    "prison": "监狱",
    "supervision": "监察机关",
    "procuratorate": "检察院",
    "court": "法院",
    "person": "个人",
    "organisation": "单位",
    "case_money": "案款账户",
    "officer": "办案人员",
    "unknown": "不明",
}
