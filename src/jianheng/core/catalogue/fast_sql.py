"""The first two tiers of reading, inside the engine: cells in canonical form, or one light replacement away from it.

Whatever is written here gives the value that the careful reader of ``fields`` gives for the same text, and NULL for
every text it does not vouch for; those go to the reader. DuckDB dialect: importing is embedded work.
"""

from __future__ import annotations

from jianheng.core.fields.fast_forms import FAST_FORMS
from jianheng.core.fields.resident_id import CHECK_CHARACTERS, WEIGHTS

#: How each storage of a term is kept in Parquet.
SQL_TYPES = {"text": "VARCHAR", "date": "DATE", "money": "DECIMAL(18,2)", "boolean": "BOOLEAN", "integer": "BIGINT"}

# A plain text that cleaning leaves alone: a running number such as a voucher's, or common Chinese characters only.
CODES_AND_WORDS = "[A-Za-z]{0,6}[0-9]{1,40}|[一-龥]{1,40}"
RESIDENT_ID = "[1-9][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[0-9]{3}[0-9X]"


def quoted(name: str) -> str:
    """``name`` as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """``text`` as a text literal."""
    return "'" + text.replace("'", "''") + "'"


def fast_column(name: str, field_type: str, storage: str, unit: str) -> str:
    """A query over ``landed_rows``: ``raw``, ``unit`` (an expression) and ``fast`` of the source column ``name``."""
    rows = f"SELECT {quoted('r_' + name)} AS raw, {unit} AS unit FROM landed_rows"
    return with_fast(rows, field_type, storage, "raw", "unit", "fast")


def with_fast(rows: str, field_type: str, storage: str, raw: str, unit: str, fast: str) -> str:
    """The query ``rows`` with a column more, named ``fast``, from its columns named ``raw`` and ``unit``.

    It holds the canonical value if the engine can vouch for it, else NULL; money under a unit other than one is left
    to the reader. ``unit`` is only looked at for money.
    """
    raw, unit, fast = quoted(raw), quoted(unit), quoted(fast)
    if field_type == "resident_id":
        return _with_identity(rows, raw, fast)
    value = _in_common_form(field_type, storage, raw)
    if field_type == "money":
        value = f"CASE WHEN {unit} = 1 THEN {value} END"
    return f"SELECT *, {value} AS {fast} FROM ({rows})"


def birth_on(value: str) -> str:
    """An expression: the birth date inside a canonical 18-character identity number."""
    parts = f"substr({value}, 7, 4) || '-' || substr({value}, 11, 2) || '-' || substr({value}, 13, 2)"
    return f"TRY_CAST({parts} AS DATE)"


def _in_common_form(field_type: str, storage: str, raw: str) -> str:
    form = CODES_AND_WORDS if field_type == "text" else getattr(FAST_FORMS.get(field_type), "pattern", None)
    if form is None or storage == "boolean":
        return f"CAST(NULL AS {SQL_TYPES[storage]})"
    value = raw if storage == "text" else f"TRY_CAST({raw} AS {SQL_TYPES[storage]})"
    tidied = _tidied(field_type, raw)
    again = f" WHEN regexp_full_match({tidied}, {literal(form)}) THEN {tidied}" if tidied else ""
    return f"CASE WHEN regexp_full_match({raw}, {literal(form)}) THEN {value}{again} END"


def _tidied(field_type: str, raw: str) -> str:
    """The second tier, for columns of many different texts: an expression for the text less what people add to it."""
    plain = _without_typing(raw)
    if field_type == "account_number":
        return f"replace({plain}, '-', '')"
    if field_type not in ("document_number", "case_number"):
        return ""
    brackets = f"translate({plain}, '([【〔)]】〕', '（（（（））））')"
    year = f"regexp_replace({brackets}, '第*（((19|20)[0-9]{{2}})年?度?）', '〔\\1〕')"
    return f"regexp_replace({year}, '〕第*0*([1-9][0-9]{{0,8}})号$', '〕\\1号')"


def _without_typing(raw: str) -> str:
    """Without blanks and the apostrophe that keeps a number text in Excel."""
    apostrophe = literal("'")
    return f"replace(ltrim({raw}, {apostrophe}), ' ', '')"


def _with_identity(rows: str, raw: str, fast: str) -> str:
    """Identity numbers with the right check character (GB 11643).

    The digits as one number, their weighted sum, the comparison: each in a projection of its own, because in a single
    expression the engine repeats the first for every digit of the second (three times as slow).
    """
    plain = f"upper({_without_typing(raw)})"
    number = (
        f"CASE WHEN regexp_full_match({plain}, {literal(RESIDENT_ID)}) THEN CAST(substr({plain}, 1, 17) AS BIGINT) END"
    )
    total = " + ".join(f"{weight} * (_digits // {10 ** (16 - place)} % 10)" for place, weight in enumerate(WEIGHTS))
    check = f"substr({literal(CHECK_CHARACTERS)}, 1 + _total % 11, 1)"
    checked = f"CASE WHEN {check} = substr({plain}, 18, 1) THEN {plain} END"
    digits = f"SELECT *, {number} AS _digits FROM ({rows})"
    sums = f"SELECT *, {total} AS _total FROM ({digits})"
    return f"SELECT * EXCLUDE (_digits, _total), {checked} AS {fast} FROM ({sums})"
