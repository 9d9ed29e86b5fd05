"""Whether the holder of an account is a person, an organisation, or "case money" (涉案款).

A person's name may accuse (money into a private account), so doubt is "unknown": two or three characters behind a
known surname, four only behind a compound or double surname, and no last character that ends names of places,
offices and funds.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Literal

from jianheng.core.fields.cleaning import squeeze
from jianheng.core.fields.names import read_person_name

NameKind = Literal["person", "organisation", "case_money", "unknown"]

NAME_KINDS: dict[str, str] = {
    "person": "个人",
    "organisation": "单位",
    "case_money": "案款账户",
    "unknown": "认不出的名称",
}
"""A kind -> what people call it."""

_CASE_MONEY = re.compile(r"涉案款|案款")
_ORGANISATION = re.compile(
    r"公司|集团|银行|支行|分行|营业部|信用社|合作社|有限|股份|企业|工厂|商行|商店|超市|酒店|饭店|宾馆|餐厅|药房|经营部"
    r"|公安|派出所|分局|大队|支队|总队|检察|法院|法庭|监狱|看守所|海警|财政|税务|国库|政府|委员会|管委会|办公室|街道"
    r"|中心|专户|专用|账户|帐户|保证金|基金|协会|学会|学校|大学|学院|中学|小学|幼儿园|医院|诊所|研究所|研究院|事务所"
    r"|服务|机关|部队|工会|党委|支部|合作|证券|保险|信托|村委|居委|社区|个体|工作室|门市|门店|批发|代理|清算|待结算|过渡"
)
_ENDS_LIKE_ORGANISATION = re.compile(r".{4,}(?:局|院|厅|部|委|处|科|所|队|站|厂|店|社|会|行|馆|校|室|库|办|中心)$")
_NEVER_LAST = frozenset("款费账户额局院厅部委处科所队站厂店社会行馆校室库办省市县区镇乡村街路")
# Words of two or three characters that begin like a surname and stand in columns of account holders.
_NO_PERSON = frozenset(
    "支付宝 微信 财付通 银联 云闪付 京东 平安 华为 万达 单位 本人 家属 项目 时间 管理 通知 应收 应付 余款 计划 国有"
    " 和解 农行 农商 华夏 海关 国安 公安 国税 地税 党组 关联 方式 常用 通用 费用 成本 利息 合计 小计".split()
)
_HAN_NAME = re.compile(r"[\u3400-\u9fff〇]{2,4}")
_INTERPUNCT_NAME = re.compile(r"[\u3400-\u9fff]{1,12}(?:·[\u3400-\u9fff]{1,12}){1,5}")
_MASKED_NAME = re.compile(
    r"(?P<surname>[\u4e00-\u9fff]{1,2}?)[某*]{1,3}[\u4e00-\u9fff]?[0-9甲乙丙丁]?|[*某]{1,2}[\u4e00-\u9fff]{1,2}"
)


def name_kind(text: str) -> NameKind:
    """The kind of holder that ``text`` names; "unknown" when in doubt or empty."""
    reading = read_person_name(text)
    if not isinstance(reading.value, str):
        return "unknown"
    whole = squeeze(text)  # with the remark that is no part of a person's name
    if _CASE_MONEY.search(whole):
        return "case_money"
    if _ORGANISATION.search(whole):
        return "organisation"
    name = reading.value
    if _INTERPUNCT_NAME.fullmatch(name):
        return "person"
    if _ENDS_LIKE_ORGANISATION.fullmatch(name):
        return "organisation"
    if _is_chinese_name(name) or _is_masked_name(name):
        return "person"
    return "unknown"


def known_surnames() -> frozenset[str]:
    """The surnames of the shipped list, single and compound."""
    return _surnames()


def _is_chinese_name(name: str) -> bool:
    if not _HAN_NAME.fullmatch(name) or name[-1] in _NEVER_LAST or "某" in name or name in _NO_PERSON:
        return False
    if len(name) == 4:
        return name[:2] in _surnames() or (name[0] in _common_surnames() and name[1] in _common_surnames())
    return name[0] in _surnames() or (len(name) == 3 and name[:2] in _surnames())


def _is_masked_name(name: str) -> bool:
    found = _MASKED_NAME.fullmatch(name)
    return bool(found) and (not found["surname"] or found["surname"] in _surnames()) if found else False


@cache
def _surnames() -> frozenset[str]:
    text = files("jianheng.core.fields").joinpath("data/surnames.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


@cache
def _common_surnames() -> frozenset[str]:
    """The surnames two of which may stand together in one name (陈李某某): the most frequent ones."""
    return frozenset(
        "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏傅方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤"
    )
