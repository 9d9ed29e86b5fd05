"""What the files of a county cover: ``coverage.yaml``. Holes belong to districts; else nothing is missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from jianheng.core.screening.cases import FOREVER
from jianheng.core.terms.lexicon import Lexicon

Gap = tuple[date, date]

_SUPPLIERS = {
    "abnormal_list": "示例市市场监督管理局",
    "account_daily_flow": "示例银行示例市分行",
    "administrative_penalty": "示例市司法局",
    "agency_result": "示例市人民检察院行政检察部门",
    "arrest_review": "示例市人民检察院案件管理部门",
    "bail_decision": "示例市公安局法制支队",
    "barred_offence": "示例市人民检察院案件管理部门",
    "business_entity": "示例市市场监督管理局",
    "card_case_person": "示例市人民检察院案件管理部门",
    "card_person": "示例市人民检察院刑事检察部门",
    "case_link": "示例市人民检察院案件管理部门",
    "case_outcome": "示例市人民检察院案件管理部门",
    "charge_sentence": "示例市人民检察院案件管理部门",
    "civil_suit": "示例市中级人民法院",
    "community_correction": "示例市司法局",
    "company_in_judgment": "示例市人民检察院案件管理部门",
    "corporate_account_flow": "示例银行示例市分行",
    "court_transfer_notice": "示例市中级人民法院",
    "criminal_filing": "示例市公安局法制支队",
    "criminal_judgment": "示例市人民检察院案件管理部门",
    "custody_extension": "示例市人民检察院案件管理部门",
    "custody_stay": "示例市人民检察院刑事执行检察部门",
    "death_registration": "示例市卫生健康委员会",
    "delivery_rider": "示例市公安局交通警察支队",
    "deposit_confiscation": "示例市公安局法制支队",
    "deposit_payment": "示例银行示例市分行",
    "deposit_refund": "示例银行示例市分行",
    "deregistration": "示例市市场监督管理局",
    "driver_penalty": "示例市公安局交通警察支队",
    "driving_case": "示例市人民检察院案件管理部门",
    "driving_licence": "示例市公安局交通警察支队",
    "enforcement_case": "示例市中级人民法院",
    "fine_payment": "示例市财政局",
    "fraud_call": "示例市公安局刑事侦查支队",
    "fraud_payment": "示例市公安局刑事侦查支队",
    "harm_report": "示例市公安局刑事侦查支队",
    "home_registration": "示例市不动产登记中心",
    "hotel_stay": "示例市公安局治安管理支队",
    "housing_inspection": "示例市住房保障中心",
    "housing_lease": "示例市住房保障中心",
    "housing_rent": "示例市住房保障中心",
    "housing_vacate_notice": "示例市住房保障中心",
    "inspection_record": "示例市司法局",
    "insured_staff": "示例市社会保险经办机构",
    "involved_account": "示例银行示例市分行",
    "involved_phone_card": "示例通信公司示例市分公司",
    "labour_insurance": "示例市社会保险经办机构",
    "licence_revocation": "示例市市场监督管理局",
    "mark_in_use": "示例市人民检察院民事检察部门",
    "minor_guest_inquiry": "示例市公安局治安管理支队",
    "minor_harm_sign": "示例市卫生健康委员会",
    "minor_unit_staff": "示例市教育局",
    "named_accomplice": "示例市人民检察院案件管理部门",
    "new_offence": "示例市公安局刑事侦查支队",
    "nonprosecution": "示例市人民检察院案件管理部门",
    "nonprosecution_challenge": "示例市人民检察院案件管理部门",
    "outside_execution": "示例市人民检察院刑事执行检察部门",
    "pension_adjustment": "示例市社会保险经办机构",
    "pension_payment": "示例市社会保险经办机构",
    "pension_recovery": "示例市社会保险经办机构",
    "person_penalty": "示例市司法局",
    "procuratorial_opinion": "示例市人民检察院案件管理部门",
    "prosecution_case": "示例市人民检察院案件管理部门",
    "record_check": "示例市公安局刑事侦查支队",
    "registration_change": "示例市市场监督管理局",
    "reverse_review": "示例市人民检察院案件管理部门",
    "school_distance": "示例市教育局",
    "special_account": "示例市公安局警务保障部门",
    "successor_ruling": "示例市中级人民法院",
    "supplementary_return": "示例市人民检察院案件管理部门",
    "tank_cleaning": "示例市水务局",
    "tax_filing": "示例市税务局",
    "trademark": "示例市知识产权局",
    "trademark_payment": "示例市中级人民法院",
    "trademark_suit": "示例市中级人民法院",
    "unit_prosecution": "示例市人民检察院案件管理部门",
    "utility_use": "示例市自来水公司",
    "venue": "示例市文化和旅游局",
    "venue_entry": "示例市公安局治安管理支队",
    "venue_incident": "示例市公安局治安管理支队",
    "venue_penalty": "示例市司法局",
    "venue_staff": "示例市公安局治安管理支队",
    "water_facility": "示例市水务局",
    "water_test": "示例市疾病预防控制中心",
}
_ANOTHER = "示例市数据归集部门"


def supplier(table: str) -> str:
    """Who handed a table over."""
    return _SUPPLIERS.get(table, _ANOTHER)


def gap_before(as_of: date) -> Gap:
    """A hole that ends the day before ``as_of``: whatever ended earlier, the days since then are not all covered."""
    return (as_of - timedelta(days=75)).replace(day=1), as_of - timedelta(days=1)


_ABOUT = """\
# 各表数据覆盖的期间。县区均为虚构。
# 一张表里没有某条记录，只有在下面写明的期间和地区之内，才能作为“没有发生”的依据。
# default 是各表共同的起止日期；表里写了的，以表里为准。
# local_gaps 是个别县区缺报的日子：只影响所列县区，其他县区照常。
"""


def write_coverage(path: Path, lexicon: Lexicon, as_of: date, holes: Mapping[str, Mapping[str, Gap]]) -> None:
    """Write the file. ``holes``: table -> district -> the days missing there."""
    lines = [_ABOUT, f"default: {{from: {FOREVER}, to: {as_of}}}"]
    for table in sorted(lexicon.tables):
        lines += ["", f"# {lexicon.tables[table].title}", f"{table}:", f"  supplier: {supplier(table)}"]
        gaps = holes.get(table, {})
        lines += ["  local_gaps:"] if gaps else []
        for first, last in sorted(set(gaps.values())):
            lacking = [district for district, gap in gaps.items() if gap == (first, last)]
            lines.append(f"    - {{from: {first}, to: {last}, districts: [{', '.join(lacking)}]}}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
