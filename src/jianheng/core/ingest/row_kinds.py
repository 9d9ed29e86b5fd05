"""Which rows below a head are data, and what the others are: totals, footers, group lines, repeated heads, blanks."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from jianheng.core.ingest.headings import squeezed

_TOTAL = re.compile(
    r"^(?:[\u4e00-\u9fff()0-9]{0,16}(?:合计|小计|总计|共计|累计)(?:[:].*)?|(?:合计|小计|总计|共计|累计)[\u4e00-\u9fff0-9.,()]{0,16})$"
)
_FOOTER = re.compile(
    r"^(?:填表|制表|填报|报送|审核|复核|统计|经办|联系|负责|单位负责|部门负责|打印|导出|报表)[\u4e00-\u9fff]{0,6}[:].*"
    r"|^(?:备注|附注|说明|注|注释)[0-9]?[:].*|^(?:以下空白|本页以下空白|以下无正文|第[0-9]+页.*共[0-9]+页)$"
)
_TOTAL_HINT = "合计|小计|总计|共计|累计|合.*计$|小.*计$|总.*计$"
_FOOTER_HINT = "[:：]|空白|无正文|^ *第.*页"
_TOTAL_COLUMNS = 3
"""A total stands at the left; a remark column further right may well hold the word."""


def blank_rows(columns: Sequence[pa.Array], length: int) -> pa.Array:
    """Boolean array: rows without any text."""
    result = pa.array([True] * length) if not columns else columns[0].is_null()
    for column in columns[1:]:
        if not pc.any(result).as_py():
            break
        result = pc.and_(result, column.is_null())
    return result


def totals_and_footers(columns: Sequence[pa.Array]) -> dict[int, str]:
    """Row index -> ``total`` or ``title``. Cheap patterns over whole columns find what is then looked at closely."""
    if not columns:
        return {}
    first = columns[0] if len(columns) == 1 else pc.coalesce(*columns)
    suspects: set[int] = set(_matching(first, _FOOTER_HINT)) | set(_matching(first, _TOTAL_HINT))
    for column in columns[:_TOTAL_COLUMNS]:
        suspects.update(_matching(column, "^ *[合小总] *计 *$"))
    result = {}
    for index in sorted(suspects):
        leading = squeezed(first[index].as_py())
        left = [squeezed(text) for column in columns[:_TOTAL_COLUMNS] if (text := column[index].as_py())]
        if _FOOTER.match(leading):
            result[index] = "title"
        elif _TOTAL.match(leading) or any(text in ("合计", "小计", "总计") for text in left):
            result[index] = "total"
    return result


def only_filled(columns: Sequence[pa.Array], length: int, among: Sequence[int]) -> list[int]:
    """Rows that have text in the columns outside ``among`` only."""
    if not among:
        return []
    empty = blank_rows([columns[index] for index in among], length)
    return [] if not pc.any(empty).as_py() else pc.indices_nonzero(empty).to_pylist()


def equal_rows(column: pa.Array, text: str) -> list[int]:
    """Rows whose cell in ``column`` is exactly ``text``."""
    return list(pc.indices_nonzero(pc.fill_null(pc.equal(column, text), False)).to_pylist())


def _matching(column: pa.Array, pattern: str) -> list[int]:
    found = pc.fill_null(pc.match_substring_regex(column, pattern), False)
    return list(pc.indices_nonzero(found).to_pylist())
