"""Rows about minors and sealed records: which they are, what to call them, whose names people are not shown.

A row's flags are one whole number, so that an engine can work them out beside whatever else is asked of the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache

from jianheng.core.compiler.dialect import Dialect
from jianheng.core.fields.cleaning import read_nothing
from jianheng.core.fields.name_kind import name_kind
from jianheng.core.fields.name_masking import mask_person_name
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.protection import YES
from jianheng.core.terms.spec import Minor, Sealed, Table

TITLES = {"minor": "涉未成年人", "sealed": "已封存", "age_unknown": "年龄不明"}
"""Every flag and what people read, in the order in which they stand."""

LASTING = ("minor", "sealed")
"""Flags that hide names, and that a clue keeps once it had them."""

PROTECTED = "特别保护"
"""The heading under which flags stand."""

_MINOR, _SEALED, _AGE_UNKNOWN = 1, 2, 4
_BITS = {"minor": _MINOR, "sealed": _SEALED, "age_unknown": _AGE_UNKNOWN}
_HIDING = _MINOR | _SEALED
_OF_AGE = 18 * 10_000
"""Eighteen years, as days are written here: 20240305."""


@cache
def flags_of(bits: int) -> tuple[str, ...]:
    """The names of the flags in ``bits``. An age is not unknown where a minor is known."""
    known = bits & ~_AGE_UNKNOWN if bits & _MINOR else bits
    return tuple(name for name in TITLES if known & _BITS[name])


def bits_of(flags: Iterable[str]) -> int:
    """The number that stands for ``flags``."""
    return sum(_BITS[name] for name in set(flags))


def hides_names(flags: Iterable[str]) -> bool:
    """Whether people are not to see names beside these flags."""
    return bool(bits_of(flags) & _HIDING)


def flag_titles(flags: Iterable[str]) -> str:
    """``涉未成年人、已封存``; empty for none."""
    return "、".join(TITLES[name] for name in flags)


def flags_titled(text: str) -> tuple[str, ...]:
    """The flags that :func:`flag_titles` wrote as ``text``."""
    words = text.split("、")
    return tuple(name for name, title in TITLES.items() if title in words)


def mark_of(flags: Iterable[str]) -> str:
    """What a sentence begins with: （涉未成年人、已封存）; empty for none."""
    titles = flag_titles(flags)
    return f"（{titles}）" if titles else ""


def is_protected(term: Table) -> bool:
    """Whether rows of the table may bear flags."""
    return term.minor is not None or term.sealed is not None


def flags_sql(term: Table, lexicon: Lexicon, dialect: Dialect, alias: str, as_of: date) -> str:
    """The flags of a row of the canonical table ``alias``, a whole number and never NULL.

    Whoever is under age even on ``as_of`` was so on every day that the row may speak of.
    """
    if not is_protected(term):
        return "0"
    parts = list(_minor_sql(term, term.minor, lexicon, dialect, alias, as_of)) if term.minor else []
    if term.sealed:
        parts.append(f"CASE WHEN {_sealed_sql(term, term.sealed, lexicon, dialect, alias)} THEN {_SEALED} ELSE 0 END")
    return f"CAST({' + '.join(parts)} AS {dialect.type('integer')})"


def _minor_sql(term: Table, minor: Minor, lexicon: Lexicon, dialect: Dialect, alias: str, as_of: date) -> Iterator[str]:
    if minor.always:
        yield str(_MINOR)
        return
    said = [_says(term, name, word, lexicon, dialect, alias) for name, word in minor.said.items()]
    under_age, by_other_days = [], []
    if minor.person and minor.on:
        day = f"{alias}.{dialect.quote(minor.on)}"
        under_age = [_under_age(term, minor.person, _as_number(day), dialect, alias)]
        by_other_days = [
            f"({day} IS NULL AND {_under_age(term, minor.person, other, dialect, alias)})"
            for other in _other_days(term, minor.on, dialect, alias, as_of)
        ]
    sure = " OR ".join(f"COALESCE({one}, FALSE)" for one in (*said, *under_age, *by_other_days))
    yield f"CASE WHEN {sure} THEN {_MINOR} ELSE 0 END"
    if minor.unknown == "flag":
        open_ = " OR ".join(f"({one}) IS NULL" for one in (under_age or said))
        yield f"CASE WHEN NOT ({sure}) AND ({open_}) THEN {_AGE_UNKNOWN} ELSE 0 END"


def _sealed_sql(term: Table, sealed: Sealed, lexicon: Lexicon, dialect: Dialect, alias: str) -> str:
    if sealed.always:
        return "TRUE"
    parts = []
    for name, word in sealed.said.items():
        parts.append(f"COALESCE({_says(term, name, word, lexicon, dialect, alias)}, FALSE)")
        if name in term.columns and term.columns[name].type == "boolean":
            bit = 1 << list(lexicon.columns(term.id)).index(name)
            parts.append(f"({alias}.{dialect.quote('_bad')} & {bit}) <> 0")
    return " OR ".join(parts)


def _says(term: Table, name: str, word: str, lexicon: Lexicon, dialect: Dialect, alias: str) -> str:
    cell = f"{alias}.{dialect.quote(name)}"
    if lexicon.columns(term.id)[name].storage == "boolean":
        return cell if word == YES else f"NOT {cell}"
    return f"{cell} = {dialect.literal(word)}"


def _under_age(term: Table, person: str, day: str, dialect: Dialect, alias: str) -> str:
    """Days are compared as numbers, 20240305: the same on every engine, and the birthday itself still counts."""
    born = f"{alias}.{dialect.quote(person)}"
    whole = dialect.type("integer")
    is_number = term.columns[person].type == "resident_id"
    birth = f"CAST(substr({born}, 7, 8) AS {whole})" if is_number else _as_number(born)
    return f"{birth} + {_OF_AGE} >= {day}"


def _other_days(term: Table, on: str, dialect: Dialect, alias: str, as_of: date) -> Iterator[str]:
    """Where nobody knows the day that counts, a day that the row was written for will do: who was under age at the
    judgment was so at the offence. On a day that came before, it errs on the side that protects."""
    yield from (_as_number(f"{alias}.{dialect.quote(other)}") for other in term.coverage_on if other != on)
    yield f"{as_of:%Y%m%d}"


def _as_number(day: str) -> str:
    return f"(year({day}) * 10000 + month({day}) * 100 + day({day}))"


def personal_columns(term: Table) -> tuple[str, ...]:
    """The columns in which names of persons stand."""
    return tuple(name for name, column in term.columns.items() if column.sensitivity == "personal")


def masked_spellings(term: Table, name: str, raw: str | None, value: str | None) -> dict[str, str]:
    """What to show instead of the person's name in a cell, as it was written and as it was read; empty if no person.

    In a column of free text only what looks like a person's name is one.
    """
    if term.columns[name].type != "person_name" and (value is None or name_kind(value) != "person"):
        return {}
    written = (raw or "").strip()
    if value is None:
        nothing = read_nothing(written)
        return {} if nothing is not None or len(written) < 2 else {written: mask_person_name(written)}
    masked = mask_person_name(value)
    return {spelling: masked for spelling in (value, written) if len(spelling) > 1}


def flag_counts(counts: Mapping[str, int]) -> str:
    """``涉未成年人3条、已封存1条``; empty for none."""
    return "、".join(f"{title}{counts[name]}条" for name, title in TITLES.items() if counts.get(name))
