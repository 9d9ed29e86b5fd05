"""Which kind of organ a name means, by the words in it; a name with two kinds, or none, is unknown."""

from __future__ import annotations

import re
from typing import Literal

from jianheng.core.fields.cleaning import squeeze

OrganKind = Literal[
    "police",
    "state_security",
    "coast_guard",
    "military_security",
    "prison",
    "supervision",
    "procuratorate",
    "court",
    "unknown",
]

ORGAN_KINDS: dict[str, str] = {
    "police": "公安机关",
    "state_security": "国家安全机关",
    "coast_guard": "海警机构",
    "military_security": "军队保卫部门",
    "prison": "监狱",
    "supervision": "监察机关",
    "procuratorate": "人民检察院",
    "court": "人民法院",
    "unknown": "认不出的机关",
}
"""A kind -> what people call it."""

_WORDS: dict[OrganKind, re.Pattern[str]] = {
    "court": re.compile(r"法院|人民法庭"),
    "procuratorate": re.compile(r"检察院"),
    "state_security": re.compile(r"国家安全(?!保卫)|国安(?:部|厅|局|分局|机关|支队)|^国安$"),
    "coast_guard": re.compile(r"海警"),
    "military_security": re.compile(
        r"(?:军队|部队|解放军|武警|军区|战区|军委|海军|陆军|空军|火箭军|联勤).{0,12}保卫|军队保卫"
    ),
    "prison": re.compile(r"监狱|未成年犯管教所"),
    "supervision": re.compile(r"监察委|监委|纪检监察|国家监察"),
    "police": re.compile(
        r"公安|派出所|警察|缉私|刑侦|刑警|经侦|交警|特警|巡警|网警|网安(?:大|支|总)队|治安(?:大|支|总)队"
        r"|禁毒(?:大|支|总)队|巡特警|看守所|拘留所|反诈中心|边防检查|国保(?:大|支|总)队|食药环侦|法制(?:大|支|总)队"
    ),
}
# A court's own bailiffs are called police, and 公安县 is a county: left in, one organ would seem of two kinds.
_MISLEADING = re.compile(r"司法警察|法警|公安县")
_BRANCH = re.compile(r"分局(?:.{0,8}(?:队|所|科))?$")
_CIVIL_BRANCH = re.compile(
    r"税务|市场|工商|质监|药监|自然资源|规划|国土|环境|环保|生态|城管|城市管理|人社|社保|医保|烟草|财政|邮政|海关"
    r"|林业|水务|水利|农业|交通运输|公路|房管|住建|住房|教育|卫生|气象|地震|应急|统计|审计|民政|司法局|银保监|监管|电力|铁路局|管理局"
)


def organ_kind(name: str) -> OrganKind:
    """The kind of the organ called ``name``; 分局 alone means police unless another agency is named."""
    plain = _MISLEADING.sub("", squeeze(name))
    kinds = [kind for kind, words in _WORDS.items() if words.search(plain)]
    if len(kinds) == 1:
        return kinds[0]
    if not kinds and _BRANCH.search(plain) and not _CIVIL_BRANCH.search(plain):
        return "police"
    return "unknown"
