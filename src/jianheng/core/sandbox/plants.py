"""Planting worked cases: any model, any table. What a case expects becomes the truth of the county.

A case stands alone: its keys, and its districts with all that is listed for them, are its own, so that its verdicts
hold among a million other rows. Not planted are cases that rest on what the county as a whole cannot give (a table not
supplied, a coverage of their own, another sheet, an orphan) or that leave open whose a money row is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from jianheng.core.model.spec import Model, Rule
from jianheng.core.sandbox.belonging import Cells, Doubtful, canonical_rows, is_nameless, owner, ways_without_number
from jianheng.core.sandbox.chance import dice
from jianheng.core.sandbox.renaming import Counters, Renaming, renamed_row
from jianheng.core.sandbox.row import Row, Story
from jianheng.core.sandbox.truth import Truth
from jianheng.core.screening.cases import Case, Expectation
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Table


@dataclass(frozen=True, slots=True)
class Hole:
    """A table that lacks a stretch of days in the districts of one instance; ``rules`` lean on its absence."""

    table: str
    rules: frozenset[str]


@dataclass(slots=True)
class Plant:
    """Instance ``number`` of a case: its rows, what is true of it, its districts."""

    number: int
    story: Story
    truths: list[Truth]
    districts: list[str]
    hole: Hole | None = None


@dataclass(slots=True)
class Planting:
    """Plants the cases of some models into one county."""

    lexicon: Lexicon
    models: Mapping[str, Model]
    as_of: date
    seed: int
    counters: Counters = field(default_factory=Counters)
    _instances: int = 0

    def plants(self, cases: Sequence[Case], times: int) -> Iterator[Plant]:
        """Every plantable case ``times`` times, then once more in a district where a table has a hole."""
        good = [case for case in cases if self._may_be_planted(case)]
        for _ in range(times):
            for case in good:
                yield self._plant(case, None)
        for case, hole in _holes(good, self.models, self.lexicon):
            yield self._plant(case, hole)

    def _may_be_planted(self, case: Case) -> bool:
        if not case.plant or case.not_supplied or case.missing_columns or case.coverage:
            return False
        if case.as_of != self.as_of and case.move == (0, 0):
            return False
        rows = _rows(case)
        if any(row.cells.get("_sheet") for row in rows) or not _has_districts(case, rows, self.lexicon):
            return False
        try:
            _owners(self.lexicon, rows)
        except Doubtful:
            return False
        return all(_subject(case, rule, one, self.models) for rule, one in _expected(case))

    def _plant(self, case: Case, hole: Hole | None) -> Plant:
        self._instances += 1
        chance = dice(self.seed, "plant", case.model, case.id, self._instances)
        days = (self.as_of - case.as_of).days + chance.randint(*case.move)
        rows = _rows(case)
        owners = _owners(self.lexicon, rows)
        own_names = not all(_says_number(self.lexicon, rows[place], number) for place, number in owners.items())
        renaming = Renaming(self.lexicon, self.counters, self.seed, self._instances, days, own_names)
        tables = self.lexicon.tables
        new = [Row(row.table, renamed_row(renaming, tables[row.table], row.cells)) for row in rows]
        for place, row in enumerate(new):
            self._finish(row, owners.get(place), renaming)
        if not any(one.verdict == "cannot_tell" for _, one in _expected(case)):
            self._offer_ways(new)
        truths = [self._truth(case, rule, one, renaming, hole) for rule, one in _expected(case)]
        return Plant(self._instances, Story(new), truths, renaming.districts(), hole)

    def _finish(self, row: Row, owned: str | None, renaming: Renaming) -> None:
        table = self.lexicon.tables[row.table]
        if table.district and not row.cells.get(table.district):
            row.cells[table.district] = renaming.new_district()
        for name, text in row.cells.items():
            row.cells[name] = renaming.free_text(table.columns[name], text)
        if owned and table.link:
            row.belongs_to = renaming.value("document_number", owned)

    def _offer_ways(self, rows: Sequence[Row]) -> None:
        """Say how numbers may be left out. Equal rows keep theirs: they are to stay equal."""
        values = canonical_rows(self.lexicon, rows)
        for row, cells in zip(rows, values, strict=True):
            link = self.lexicon.tables[row.table].link
            if link is None or not link.amount or rows.count(row) > 1:
                continue
            chain = self.lexicon.tables[link.to].chain
            anchors = [place for place, other in enumerate(rows) if other.table == link.to]
            if chain and len(anchors) == 1:
                anchor = anchors[0]
                texts = rows[anchor].cells
                row.without_number = ways_without_number(link, chain, cells, [values[anchor]], texts, self.as_of)

    def _truth(self, case: Case, rule: str, one: Expectation, renaming: Renaming, hole: Hole | None) -> Truth:
        subject = _subject(case, rule, one, self.models)
        columns = self.lexicon.tables[_subject_table(case, rule, self.models)].columns
        renamed = renaming.subject(columns, subject)
        in_hole = one.verdict == "hit" and hole is not None and rule in hole.rules
        expected = "cannot_tell" if in_hole else one.verdict
        return Truth(case.model, rule, case.kinds[rule], renamed, expected, one.verdict == "clean", case.id)


def _rows(case: Case) -> list[Row]:
    return [Row(case.tables[alias], dict(cells)) for alias, rows in case.given.items() for cells in rows]


def _expected(case: Case) -> Iterator[tuple[str, Expectation]]:
    for rule, expectations in case.expect.items():
        for one in expectations:
            yield rule, one


def _has_districts(case: Case, rows: Sequence[Row], lexicon: Lexicon) -> bool:
    """A blank district may be what a case is about; where it is not, it can be filled."""
    if not any(one.verdict == "cannot_tell" for _, one in _expected(case)):
        return True
    return all(_names_district(lexicon.tables[row.table], row, lexicon) for row in rows)


def _names_district(table: Table, row: Row, lexicon: Lexicon) -> bool:
    if not table.district:
        return True
    return lexicon.read_cell(table.columns[table.district], row.cells.get(table.district)).value is not None


def _owners(lexicon: Lexicon, rows: Sequence[Row]) -> dict[int, str | None]:
    """Place of each linked money row -> the number it belongs to. Raises Doubtful, also for an orphan in any table."""
    values = canonical_rows(lexicon, rows)
    owners: dict[int, str | None] = {}
    for place, row in enumerate(rows):
        link = lexicon.tables[row.table].link
        chain = lexicon.tables[link.to].chain if link else None
        if link is None or chain is None:
            continue
        if is_nameless(link, values[place]):
            raise Doubtful("the row names nothing")
        if link.amount:
            anchors: list[Cells] = [cells for other, cells in zip(rows, values, strict=True) if other.table == link.to]
            owners[place] = owner(link, chain.number, values[place], anchors)
    return owners


def _says_number(lexicon: Lexicon, row: Row, number: str | None) -> bool:
    """Whether a row is linked by its number. Another may stay unlinked, and would put all of that name in doubt."""
    link = lexicon.tables[row.table].link
    if link is None or number is None:
        return False
    return lexicon.read_cell(lexicon.tables[row.table].columns[link.key], row.cells.get(link.key)).value == number


def _rule(case: Case, rule: str, models: Mapping[str, Model]) -> Rule:
    return next(one for one in models[case.model].rules if one.id == rule)


def _subject_table(case: Case, rule: str, models: Mapping[str, Model]) -> str:
    """The table whose columns the subject is made of."""
    return case.tables[_subject_alias(case, rule, models)]


def _subject_alias(case: Case, rule_id: str, models: Mapping[str, Model]) -> str:
    rule = _rule(case, rule_id, models)
    alias = rule.subject[0].partition(".")[0]
    named = {join.as_ or join.table: join.table for join in rule.join}
    return named.get(alias, rule.from_)


def _subject(case: Case, rule: str, one: Expectation, models: Mapping[str, Model]) -> dict[str, str]:
    """The subject an expectation speaks of: as written, else that of the first row; empty if there is none."""
    if one.subject is not None:
        return one.subject
    alias = _subject_alias(case, rule, models)
    names = [text.partition(".")[2] for text in _rule(case, rule, models).subject]
    first = next(iter(case.given.get(alias, [])), {})
    found = {name: first.get(name, "") for name in names}
    return found if all(found.values()) else {}


def _holes(cases: Sequence[Case], models: Mapping[str, Model], lexicon: Lexicon) -> Iterator[tuple[Case, Hole]]:
    """For every table whose absence accuses, and every table that only excuses, two cases of each rule that hit."""
    for model in models.values():
        leaning = _leaning(model, lexicon)
        for rule in model.rules:
            hits = [case for case in cases if case.model == model.id and _hits(case, rule.id)]
            excusing = {guard.table for guard in rule.unless if guard.table in model.tables}
            tables = {model.tables[alias] for alias in excusing if alias} & {
                t for t in lexicon.tables if _dated(lexicon, t)
            }
            tables |= {table for table, rules in leaning.items() if rule.id in rules}
            for table in sorted(tables):
                for case in hits[:2]:
                    yield case, Hole(table, leaning.get(table, frozenset()))


def _leaning(model: Model, lexicon: Lexicon) -> dict[str, frozenset[str]]:
    """Table -> the rules that take the absence of its rows for evidence."""
    leaning: dict[str, set[str]] = {}
    for rule in model.rules:
        for absent in rule.absent:
            table = model.tables.get(absent.table)
            if table and absent.covering is not None and _dated(lexicon, table):
                leaning.setdefault(table, set()).add(rule.id)
    return {table: frozenset(rules) for table, rules in leaning.items()}


def _dated(lexicon: Lexicon, table: str) -> bool:
    return bool(lexicon.tables[table].coverage_on)


def _hits(case: Case, rule: str) -> bool:
    return any(one.verdict == "hit" for one in case.expect.get(rule, []))
