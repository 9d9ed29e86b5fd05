"""What a rule means, written down a second time from its description: no SQL, one joined row at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from jianheng.core.compiler.coverage import Window
from jianheng.core.model.expression import parse
from jianheng.core.model.shapes import overlap_alias
from jianheng.core.model.spec import Aggregate, Facts, Overlap, Rule
from jianheng.core.model.supervision_model import SupervisionModel, aggregate_of, equalities
from tests.core.compiler.naive_events import Episodes
from tests.core.compiler.naive_expression import (
    NOBODY_KNOWS,
    Bounds,
    Place,
    Truth,
    both,
    compare,
    either,
    negate,
    truth,
    value,
)
from tests.core.compiler.naive_overlap import days_at, pairs_of, totals
from tests.engines.town_tables import BLANK, UNREAD, Mark

Cells = Mapping[str, Any]
Rows = Mapping[str, Cells | None]
DOUBTFUL = "_doubtful"


@dataclass(frozen=True)
class Town:
    """The data of one run. ``doubts``: table id -> chains that an unlinked row may belong to."""

    tables: Mapping[str, Sequence[Cells]]
    doubts: Mapping[str, frozenset[int]]
    coverage: Mapping[str, tuple[Window, ...]]
    as_of: date


@dataclass(frozen=True)
class Verdict:
    """``reason`` is filled for cannot tell; ``combinations``: the row numbers of every TRUE combination."""

    verdict: str
    reason: str
    combinations: frozenset[tuple[int | None, ...]]


class Reference:
    """Judges a rule by hand."""

    def __init__(self, model: SupervisionModel, town: Town) -> None:
        self.model, self.town = model, town
        self._sources: dict[str, str] = {}
        self._overlaps: dict[str, dict[str, str]] = {}
        self.facts: dict[str, list[Cells]] = {}
        for name, facts in model.spec.facts.items():
            self.facts[name] = self._made(facts)

    def judge(self, rule: Rule) -> dict[tuple[Any, ...], Verdict]:
        """The verdict of every identified subject."""
        return {subject: self._verdict(found) for subject, found in self._judged(rule).items()}

    def funnel(self, rule: Rule, ids: Sequence[str]) -> list[tuple[int, int]]:
        """For each of the steps ``ids`` after the joins: subjects that it and those before leave, and leave surely.

        Steps that ``ids`` leaves out cannot rule anybody out.
        """
        counts = [(set[Any](), set[Any]()) for _ in ids]
        for subject, found in self._judged(rule).items():
            for _, steps, _ in found:
                place = 0
                for id_, (possible, sure) in zip(ids, counts, strict=True):
                    place = next(at for at in range(place, len(steps)) if steps[at][0] == id_) + 1
                    truths = [one for _, one in steps[:place]]
                    if False not in truths:
                        possible.add(subject)
                        sure.update([subject] if None not in truths else [])
        return [(len(possible), len(sure)) for possible, sure in counts]

    def _judged(
        self, rule: Rule
    ) -> dict[tuple[Any, ...], list[tuple[Cells, list[tuple[str, Truth]], tuple[Any, ...]]]]:
        """For every identified subject its combinations: the first row, the steps, the row numbers."""
        self._name_sources(rule)
        judged: dict[tuple[Any, ...], list[tuple[Cells, list[tuple[str, Truth]], tuple[Any, ...]]]] = {}
        for start in self._rows(rule.from_):
            subject = tuple(start[parse(text).column] for text in rule.subject)  # type: ignore[attr-defined]
            if any(isinstance(part, Mark) for part in subject):
                continue
            judged.setdefault(subject, [])
            for rows, reasons in self._combinations(rule, start):
                steps = [*reasons, *self._steps(rule, rows)]
                numbers = tuple(
                    None if row is None else row.get("_row")
                    for alias, row in rows.items()
                    if not self.model.sources[self._source(rule, alias)].is_facts
                )
                judged[subject].append((start, steps, numbers))
        return judged

    def _verdict(self, found: list[tuple[Cells, list[tuple[str, Truth]], tuple[Any, ...]]]) -> Verdict:
        possible = [(start, steps, numbers) for start, steps, numbers in found if all(t is not False for _, t in steps)]
        sure = frozenset(numbers for _, steps, numbers in possible if all(t is True for _, t in steps))
        if sure:
            return Verdict("hit", "", sure)
        if not possible:
            return Verdict("clean", "", frozenset())
        order = [
            (start["_row"], next(index for index, (_, t) in enumerate(steps) if t is None), steps)
            for start, steps, _ in possible
        ]
        _, index, steps = min(order, key=lambda one: one[:2])
        return Verdict("cannot_tell", steps[index][0], frozenset())

    def _name_sources(self, rule: Rule) -> None:
        self._sources = {join.as_ or join.table: join.table for join in rule.join}
        for part in (*rule.absent, *rule.present, *rule.unless):
            if part.table:
                self._sources[part.as_ or part.table] = part.table

    # -- rows ----------------------------------------------------------------------------------------------------------

    def _source(self, part: Rule | Facts, alias: str) -> str:
        return {join.as_ or join.table: join.table for join in part.join}.get(alias, alias)

    def _rows(self, source: str) -> Sequence[Cells]:
        if source in self.facts:
            return self.facts[source]
        return self.town.tables[self.model.spec.tables[source]]

    def _doubts(self, source: str, columns: set[str]) -> Iterator[Cells]:
        """A partner of which nothing is known for every doubted chain, where partners are matched by the chain."""
        if source in self.facts or not columns <= {"chain"}:
            return
        table = self.model.spec.tables[source]
        for chain in sorted(self.town.doubts.get(table, ())):
            unread = {name: UNREAD for name in self.model.lexicon.columns(table)}
            yield {**unread, "chain": chain, "_row": None, DOUBTFUL: True}

    def _partners(self, source: str, alias: str, on: str, rows: Mapping[str, Cells | None]) -> tuple[bool, list[Cells]]:
        """(whether a key of our own is unknown, the partners, doubtful ones included)."""
        pairs = [(left.column, self._key(rows, right.alias, right.column)) for left, right in equalities(on, alias)]
        if any(key is UNREAD for _, key in pairs):
            return True, []
        candidates = [*self._rows(source), *self._doubts(source, {column for column, _ in pairs})]
        return False, [row for row in candidates if all(self._same(row.get(c, BLANK), key) for c, key in pairs)]

    def _key(self, rows: Mapping[str, Cells | None], alias: str, column: str) -> Any:
        """The value; UNREAD if nobody knows it; BLANK if there is known to be none."""
        term = self.model.sources[self._sources.get(alias, alias)].columns[column]
        row = rows[alias]
        if row is None:
            return BLANK if self.model.sources[self._sources.get(alias, alias)].is_facts else UNREAD
        cell = row.get(column, BLANK)
        return UNREAD if cell is BLANK and term.empty == "unknown" else cell

    def _same(self, cell: Any, key: Any) -> bool:
        return not isinstance(cell, Mark) and cell == key

    def _combinations(
        self, rule: Rule, start: Cells
    ) -> Iterator[tuple[dict[str, Cells | None], list[tuple[str, Truth]]]]:
        states: list[tuple[dict[str, Cells | None], list[tuple[str, Truth]]]] = [({rule.from_: start}, [])]
        for join in rule.join:
            alias = join.as_ or join.table
            following = []
            for rows, reasons in states:
                no_key, partners = self._partners(join.table, alias, join.on, rows)
                is_facts = join.table in self.facts
                known: list[tuple[str, Truth]] = [*reasons, (f"key_missing:{alias}", None if no_key else True)]
                lacking = (f"no_partner:{alias}", None)
                if no_key:
                    unknown = self._nothing_known(join.table) if is_facts else None
                    following.append(({**rows, alias: unknown}, known))
                elif partners:
                    for partner in partners:
                        found = lacking if partner.get(DOUBTFUL) else (f"no_partner:{alias}", True)
                        following.append(({**rows, alias: partner}, [*known, found]))
                elif is_facts:
                    following.append(({**rows, alias: None}, known))
                elif join.missing == "cannot_tell":
                    following.append(({**rows, alias: None}, [*known, lacking]))
            states = following
        yield from states

    def _nothing_known(self, facts: str) -> Cells:
        columns = self.model.sources[facts].columns.values()
        return {
            column.name: Bounds(None, None) if column.bounds and column.type != "date" else UNREAD for column in columns
        }

    # -- steps ---------------------------------------------------------------------------------------------------------

    def _place(self, rows: Mapping[str, Cells | None], as_of: date) -> Place:
        empty: dict[str, dict[str, str]] = {}
        facts: set[str] = set()
        for alias in rows:
            if alias in self._overlaps:
                empty[alias] = self._overlaps[alias]
                facts.add(alias)
                continue
            source = self._sources.get(alias, alias)
            found = self.model.sources[source]
            empty[alias] = {
                c.name: "bounds" if c.bounds and c.type != "date" else c.empty for c in found.columns.values()
            }
            if found.is_facts:
                facts.add(alias)
        scope = self.model.base_scope()
        params = {name: parameter.default for name, parameter in self.model.spec.params.items()}
        return Place(rows, empty, frozenset(facts), as_of, params, dict(scope.lists))

    def _steps(self, rule: Rule, rows: dict[str, Cells | None]) -> list[tuple[str, Truth]]:
        leaning = [one.table for one in rule.absent if one.covering]
        for name in self.model.facts_used(rule):
            events = self.model.spec.facts[name].events
            leaning += [end.table for end in events.end if end.table] if events else []
        windows = [self.town.coverage[self.model.spec.tables[table]] for table in leaning]
        claim = min([self.town.as_of, *(max(w.last for w in one) for one in windows if one)])
        at = self._place(rows, claim)
        steps: list[tuple[str, Truth]] = [(one.id, truth(parse(one.when), at)) for one in rule.where]
        for present in rule.present:
            no_key, found = self._exists(
                present.table, present.as_ or present.table, present.on, present.when, rows, claim
            )
            found = None if no_key else found
            steps.append((present.id, None if found is False and present.missing == "cannot_tell" else found))
        for absent in rule.absent:
            no_key, found = self._exists(absent.table, absent.as_ or absent.table, absent.on, absent.when, rows, claim)
            steps.append(("key_missing", None if no_key else True))
            steps.append((absent.id, True if no_key else negate(found)))
            if absent.covering:
                inside = self._covered(absent.covering, self.model.spec.tables[absent.table], at, claim, rows, rule)
                steps.append((f"outside_coverage:{absent.table}", True if inside else None))
        for guard in rule.unless:
            if guard.table is None:
                excuse = truth(parse(guard.when), at)
            else:
                no_key, excuse = self._exists(
                    guard.table, guard.as_ or guard.table, guard.on or "", guard.when, rows, claim
                )
                excuse = None if no_key else excuse
            steps.append((f"guard:{guard.id}", negate(excuse)))
        steps.append(("law_not_loaded", self._law(rule, at)))
        return steps

    def _exists(
        self, source: str, alias: str, on: str, when: str, rows: dict[str, Cells | None], claim: date
    ) -> tuple[bool, Truth]:
        no_key, partners = self._partners(source, alias, on, rows)
        answer: Truth = False
        for partner in partners:
            one = None if partner.get(DOUBTFUL) else truth(parse(when), self._place({**rows, alias: partner}, claim))
            answer = either(answer, one)
        return no_key, answer

    def _covered(
        self, covering: str, table: str, at: Place, claim: date, rows: Mapping[str, Cells | None], rule: Rule
    ) -> bool:
        day = value(parse(covering), at)[0]
        start = rows[rule.from_]
        assert start is not None
        county = start.get("county", BLANK)
        return day is not None and any(
            window.first <= day <= claim <= window.last and (window.districts is None or county in window.districts)
            for window in self.town.coverage[table]
        )

    def _law(self, rule: Rule, at: Place) -> Truth:
        day = value(parse(rule.judged_on), at)[0]
        if day is None or day < min(basis.from_ for basis in rule.basis):
            return None
        return any(basis.from_ <= day and (basis.to is None or day <= basis.to) for basis in rule.basis)

    # -- facts ---------------------------------------------------------------------------------------------------------

    def _made(self, facts: Facts) -> list[Cells]:
        if facts.events:
            return Episodes(self, facts).rows()
        return self._group(facts) if facts.group else self._pick(facts)

    def _group(self, facts: Facts) -> list[Cells]:
        assert facts.group is not None
        self._sources = {}
        groups: dict[tuple[Any, ...], list[tuple[Rows, bool]]] = {}
        names = list(facts.group.by)
        stretched = {overlap.id for overlap in facts.overlap}
        for rows in self._overlapped(facts):
            nodes = [parse(text) for text in facts.group.by.values()]
            key = tuple((rows[node.alias] or {}).get(node.column, BLANK) for node in nodes)  # type: ignore[attr-defined]
            own = [part for part, node in zip(key, nodes, strict=True) if node.alias not in stretched]  # type: ignore[attr-defined]
            sure_out = self._where(facts, rows) is False
            if not sure_out and not any(isinstance(part, Mark) for part in own):
                groups.setdefault(key, []).append((rows, False))
        columns = {parse(text).column for text in facts.group.by.values()}  # type: ignore[attr-defined]
        for doubtful in self._doubts(facts.from_, columns):
            groups.setdefault((doubtful["chain"],), []).append(({facts.from_: doubtful}, True))
        result = []
        for key, found in groups.items():
            columns_of_key = dict(zip(names, key, strict=True))
            measured = {name: self._measure(facts, one, found) for name, one in facts.group.columns.items()}
            result.append({**columns_of_key, **measured})
        return result

    def _overlapped(self, facts: Facts) -> Iterator[Rows]:
        """Each row, beside every stretch of the first overlap that it may meet, with the totals of the others."""
        for row in self._rows(facts.from_):
            states: list[Rows] = [{facts.from_: row}]
            for index, overlap in enumerate(facts.overlap):
                self._sources = {overlap.as_ or overlap.table: overlap.table}
                pairs = self._pairs(facts, overlap, row)
                columns = overlap_alias(overlap, first=index == 0).columns.values()
                self._overlaps[overlap.id] = {one.name: "bounds" if one.bounds else one.empty for one in columns}
                beside = pairs if index == 0 else [totals(pairs)]
                states = [{**rows, overlap.id: pair} for rows in states for pair in beside]
            yield from states
        self._sources = {}

    def _pairs(self, facts: Facts, overlap: Overlap, row: Cells) -> list[dict[str, Any]]:
        alias = overlap.as_ or overlap.table
        no_key, partners = self._partners(overlap.table, alias, overlap.on, {facts.from_: row})
        place = self._place({facts.from_: row}, self.town.as_of)
        ours = days_at(overlap.of, place, self._known_until(facts.from_))
        theirs = []
        for partner in [] if no_key else partners:
            there = self._place({alias: partner}, self.town.as_of)
            days = days_at(overlap.with_, there, self._known_until(overlap.table))
            theirs.append((truth(parse(overlap.when), there), days))
        return list(pairs_of(ours, theirs))

    def _known_until(self, source: str) -> date:
        windows = self.town.coverage.get(self.model.spec.tables[source], ())
        return min([self.town.as_of, *([max(window.last for window in windows)] if windows else [])])

    def _where(self, facts: Facts, rows: Rows) -> Truth:
        answer: Truth = True
        for condition in facts.where:
            answer = both(answer, truth(parse(condition.when), self._place(rows, self.town.as_of)))
        return answer

    def _measure(self, facts: Facts, aggregate: Aggregate, found: list[tuple[Rows, bool]]) -> Any:
        kind, text = aggregate_of(aggregate)
        counted: list[tuple[Truth, Any, bool]] = []
        for rows, doubtful in found:
            if doubtful:
                counted.append((None, (1, 1) if kind == "count" else (None, None), False))
                continue
            at = self._place(rows, self.town.as_of)
            counts = both(self._where(facts, rows), truth(parse(aggregate.when), at))
            if kind == "count":
                counts, amount = both(counts, truth(parse(text), at)), (1, 1)
            else:
                amount = value(parse(text), at)
            if counts is not False:
                counted.append((counts, amount, bool((rows[facts.from_] or {}).get("_repeat"))))
        if kind in ("min", "max"):
            if any(counts is None or least is None or least != most for counts, (least, most), _ in counted):
                return UNREAD
            amounts = [least for _, (least, _), _ in counted]
            return (min(amounts) if kind == "min" else max(amounts)) if amounts else BLANK
        low: Any = 0
        high: Any = 0
        for counts, (least, most), again in counted:
            sure = counts is True and not again
            if least is not None:
                low += least if sure or least < 0 else 0
            if most is None:
                high = None
            elif high is not None:
                high += most if sure or most > 0 else 0
        return Bounds(low, high)

    def _pick(self, facts: Facts) -> list[Cells]:
        assert facts.pick is not None
        pick = facts.pick
        self._sources = {
            candidate.as_ or candidate.table: candidate.table for candidate in pick.candidates if candidate.table
        }
        per_key: dict[tuple[Any, ...], list[tuple[list[Any], bool]]] = {}
        for row in self._rows(facts.from_):
            standing = self._where(facts, {facts.from_: row})
            key = tuple(row.get(parse(text).column, BLANK) for text in pick.by.values())  # type: ignore[attr-defined]
            if standing is False or any(isinstance(part, Mark) for part in key):
                continue
            sure: list[Any] = []
            possible = False
            for index, candidate in enumerate(pick.candidates):
                for place, number, doubtful in self._candidate_places(facts, row, candidate):
                    if doubtful:
                        possible = True
                        continue
                    holds = both(standing, truth(parse(candidate.when), place))
                    node = parse(candidate.on)
                    day = value(node, place)[0]
                    never = place.cell(node) is BLANK and place.empty(node) == "never"  # type: ignore[arg-type]
                    if holds is True and day is not None:
                        extra = {name: value(parse(text), place)[0] for name, text in candidate.columns.items()}
                        ordinal = index if pick.take == "earliest" else 63 - index
                        sure.append(((day, ordinal, number), candidate.title, extra))
                    elif holds is not False and not (day is None and never):
                        possible = True
            per_key.setdefault(key, []).append((sure, possible))
        result = []
        for key, found in per_key.items():
            best = [one for sure, _ in found for one in sure]
            columns: dict[str, Any] = dict(zip(pick.by, key, strict=True))
            names = list(pick.candidates[0].columns)
            if best:
                choose = min if pick.take == "earliest" else max
                (day, _, _), title, extra = choose(best, key=lambda one: one[0])
                columns |= {"on": day, "source": title}
                columns |= {name: BLANK if extra[name] is None else extra[name] for name in names}
            else:
                unknown = UNREAD if any(possible for _, possible in found) else BLANK
                columns |= {name: unknown for name in ("on", "source", *names)}
            result.append(columns)
        return result

    def _candidate_places(self, facts: Facts, row: Cells, candidate: Any) -> Iterator[tuple[Place, int, bool]]:
        rows: dict[str, Cells | None] = {facts.from_: row}
        if candidate.table is None:
            yield self._place(rows, self.town.as_of), row["_row"], False
            return
        alias = candidate.as_ or candidate.table
        no_key, partners = self._partners(candidate.table, alias, candidate.match, rows)
        if no_key:
            yield self._place(rows, self.town.as_of), 0, True
        for partner in partners:
            yield (
                self._place({**rows, alias: partner}, self.town.as_of),
                partner["_row"] or 0,
                bool(partner.get(DOUBTFUL)),
            )


__all__ = ["NOBODY_KNOWS", "Reference", "Town", "Verdict", "compare"]
