"""All tables and code lists of all packs, cross-checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jianheng.core.fields.reading import Reading
from jianheng.core.fields.registry import DERIVED_READERS, DERIVED_WORDS, FIELD_TYPES, LONGEST_CELL, read_field
from jianheng.core.foundation.errors import PackProblem, Problem, raise_if_any
from jianheng.core.foundation.identity import hash_value
from jianheng.core.pack.shelf import Pack
from jianheng.core.pack.strict_yaml import Document, Key, read_yaml
from jianheng.core.pack.typed import did_you_mean, read_content
from jianheng.core.terms.protection import check_protection, named_for_protection
from jianheng.core.terms.spec import CodeList, Column, Storage, Table

_MOST_WORDS = 8
CHAIN_COLUMNS = {"chain": "链", "chain_position": "链中序次", "chain_count": "链中件数"}


@dataclass(frozen=True, slots=True)
class ColumnTerm:
    """A column as rules see it: own, derived or added by chaining and linking.

    ``codes``: the only values it can have, if they are known. ``words``: what people call a value, where it is a code.
    """

    id: str
    title: str
    storage: Storage
    empty: str = "unknown"
    codes: frozenset[str] | None = None
    type: str = "text"
    origin: str = "source"  # source | derived | chain
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of the field: tables by id, code lists by id."""

    tables: dict[str, Table]
    codes: dict[str, CodeList]
    _spellings: dict[str, dict[str, str]] = field(default_factory=dict)

    def storage(self, column: Column) -> Storage:
        """How values of ``column`` are stored."""
        return "text" if column.type == "code" else FIELD_TYPES[column.type].storage

    def columns(self, table_id: str) -> dict[str, ColumnTerm]:
        """Every column a rule may name in ``table_id``, in the order of the stored table."""
        table = self.tables[table_id]
        result: dict[str, ColumnTerm] = {}
        for name, column in table.columns.items():
            codes = frozenset(self.codes[column.codes].values) if column.codes else None
            result[name] = ColumnTerm(name, column.title, self.storage(column), column.empty, codes, column.type)
        for name, derived in table.derive.items():
            empty = table.columns[derived.source].empty
            words = DERIVED_WORDS.get(derived.reader, {})
            codes = frozenset(words) or None
            result[name] = ColumnTerm(name, derived.title, derived.storage, empty, codes, origin="derived", words=words)
        if table.chain or table.link:
            for name, title in CHAIN_COLUMNS.items():
                result[name] = ColumnTerm(name, title, "integer", origin="chain")
        return result

    def read_cell(self, column: Column, text: str | None, unit: int = 1) -> Reading:
        """Read one cell of ``column``; codes map exactly, what is not in the list is unread."""
        if column.type != "code" or column.codes is None:
            return read_field(column.type, text, unit=unit)
        cleaned = read_field("text", text)
        if cleaned.value is None:
            return cleaned
        value = self.spellings(column.codes).get(str(cleaned.value))
        if value is not None:
            return Reading(value)
        known = self.codes[column.codes]
        suggestion = did_you_mean(str(cleaned.value)[:LONGEST_CELL], known.values)
        return Reading(None, f"「{known.title}」中没有这个词", suggestion or _expected(known))

    def leaned_on(self, tables: Iterable[str]) -> list[str]:
        """``tables`` and those whose rows tell which of their rows belong together, by id."""
        found: set[str] = set()
        waiting = list(tables)
        while waiting:
            table = self.tables[waiting.pop()]
            if table.id not in found:
                found.add(table.id)
                waiting += [table.link.to] if table.link else []
                waiting += [table.same_number.table] if table.same_number else []
        return sorted(found)

    def digest(self, table_id: str) -> str:
        """The identity of what is said of a table: its term and the code lists of its columns."""
        table = self.tables[table_id]
        lists = sorted({column.codes for column in table.columns.values() if column.codes})
        codes = {name: self.codes[name].model_dump(mode="json") for name in lists}
        return hash_value({"table": table.model_dump(mode="json"), "codes": codes})

    def spellings(self, code_list: str) -> dict[str, str]:
        """Every exact spelling of a code list -> its value."""
        if code_list not in self._spellings:
            spellings: dict[str, str] = {}
            for value, others in self.codes[code_list].values.items():
                for text in (value, *others):
                    spellings[str(read_field("text", text).value)] = value
            self._spellings[code_list] = spellings
        return self._spellings[code_list]


def _expected(known: CodeList) -> str:
    """What may stand there, as far as there is room to say it."""
    words = "、".join(list(known.values)[:_MOST_WORDS])
    rest = f"等{len(known.values)}种" if len(known.values) > _MOST_WORDS else ""
    return f"应为{words}{rest}{'之一' if len(known.values) > 1 else ''}，请核对"


def read_lexicon(packs: Sequence[Pack]) -> Lexicon:
    """Read ``tables/`` and ``codes/`` of all packs. Raises PackProblem with every fault of every file (T…)."""
    problems: list[Problem] = []
    codes: dict[str, CodeList] = {}
    tables: dict[str, Table] = {}
    documents: dict[str, Document] = {}
    code_files: dict[str, Path] = {}
    for pack in sorted(packs, key=lambda one: one.installed):
        for path in pack.files("codes"):
            try:
                code_list = read_content(CodeList, read_yaml(path))
            except PackProblem as error:
                problems.extend(error.problems)
                continue
            if pack.installed and code_list.id in codes:
                continue
            if code_list.id in codes:
                problems.append(_double(code_list.id, "代码表", path, code_files[code_list.id]))
                continue
            codes[code_list.id], code_files[code_list.id] = code_list, path
        for path in pack.files("tables"):
            try:
                document = read_yaml(path)
                table = read_content(Table, document)
            except PackProblem as error:
                problems.extend(error.problems)
                continue
            if pack.installed and table.id in tables:
                continue
            if table.id != path.stem:
                problems.append(document.problem("T101", ("id",), f"文件名应与表名相同：{table.id}.yaml。"))
            if table.id in tables:
                problems.append(_double(table.id, "表", path, Path(documents[table.id].file)))
                continue
            tables[table.id] = table
            documents[table.id] = document
    for name, table in tables.items():
        problems.extend(_check_table(table, documents[name], tables, codes))
    raise_if_any(PackProblem, problems)
    return Lexicon(tables, codes)


def _double(name: str, kind: str, path: Path, other: Path) -> Problem:
    message = f"{kind} {name} 已有一个：{other}。"
    return Problem("T109", message, file=str(path), line=1, column=1, hint="请改名或移走其中一个。")


def _check_table(
    table: Table, document: Document, tables: dict[str, Table], codes: dict[str, CodeList]
) -> Iterator[Problem]:
    for name, column in table.columns.items():
        place: Key = ("columns", name)
        if column.type == "code":
            if column.codes not in codes:
                hint = did_you_mean(str(column.codes), codes)
                yield document.problem("T102", (*place, "codes"), f"没有代码表 {column.codes}。", hint)
        elif column.type not in FIELD_TYPES:
            hint = did_you_mean(column.type, FIELD_TYPES)
            yield document.problem("T103", (*place, "type"), f"没有字段类型 {column.type}。", hint)
    for name, derived in table.derive.items():
        if derived.reader not in DERIVED_READERS:
            hint = did_you_mean(derived.reader, DERIVED_READERS)
            yield document.problem("T104", ("derive", name, "reader"), f"没有读法 {derived.reader}。", hint)
    for path, column_name in _named_columns(table):
        if column_name not in table.columns and column_name not in table.derive:
            hint = did_you_mean(column_name, table.columns)
            yield document.problem("T105", path, f"表 {table.id} 没有列 {column_name}。", hint)
    for path, table_name in _named_tables(table):
        if table_name not in tables:
            yield document.problem("T106", path, f"没有表 {table_name}。", did_you_mean(table_name, tables))
    yield from _check_headings(table, document)
    yield from check_protection(table, document, codes)


def _check_headings(table: Table, document: Document) -> Iterator[Problem]:
    owner: dict[str, str] = {}
    for heading, name in table.headings():
        if owner.setdefault(heading, name) != name:
            message = f"表头「{heading}」同时指向 {owner[heading]} 和 {name}。"
            yield document.problem("T107", ("columns", name), message)


def _named_columns(table: Table) -> Iterator[tuple[Key, str]]:
    for index, name in enumerate(table.required):
        yield ("required", index), name
    for index, name in enumerate(table.coverage_on):
        yield ("coverage_on", index), name
    if table.district:
        yield ("district",), table.district
    if table.row_number:
        yield ("row_number",), table.row_number
    yield from named_for_protection(table)
    for name, derived in table.derive.items():
        yield ("derive", name, "source"), derived.source
    if table.same_number:
        yield ("same_number", "column"), table.same_number.column
    if table.chain:
        chain = table.chain
        for column in (chain.number, chain.previous, *chain.same, *chain.start, *chain.ended, chain.order):
            yield ("chain",), column
    if table.link:
        for column in (table.link.key, *table.link.on, *table.link.agree):
            yield ("link",), column
        for index, name in enumerate(table.link.other_keys):
            yield ("link", "other_keys", index), name
        for index, step in enumerate(table.link.ladder):
            for column in step.columns:
                yield ("link", "ladder", index, "columns", column), column
            if step.unless_known:
                yield ("link", "ladder", index, "unless_known"), step.unless_known


def _named_tables(table: Table) -> Iterator[tuple[Key, str]]:
    if table.link:
        yield ("link", "to"), table.link.to
    if table.same_number:
        yield ("same_number", "table"), table.same_number.table
