"""A snapshot made ready for a run: chains counted, rows linked, what could not be linked said.

Linking belongs to the run, not to the snapshot: stretches of what is still running end on ``as_of``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from jianheng.core.catalogue.chain import build_chains
from jianheng.core.catalogue.linking import LINKS, drop_working_tables, link_rows
from jianheng.core.catalogue.linking_plan import LinkPlan, plan_link
from jianheng.core.catalogue.linking_sql import literal, quoted
from jianheng.core.catalogue.linking_unlinked import UNLINKED, doubts, drop_unlinked, explain_unlinked
from jianheng.core.catalogue.same_number import build_numbers
from jianheng.core.engine.port import HELD_ROWS, Engine
from jianheng.core.foundation.durable import private_folder
from jianheng.core.foundation.errors import Problem, RunProblem
from jianheng.core.foundation.progress import Progress, Silent
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Chain, Storage

LINK_COLUMNS = '"table" VARCHAR, _row BIGINT, anchor VARCHAR, step INTEGER, step_id VARCHAR, chain BIGINT'
UNLINKED_COLUMNS = '"table" VARCHAR, _row BIGINT, reason VARCHAR, candidates VARCHAR[], candidate_count BIGINT'
_SQL_TYPES: dict[Storage, str] = {
    "text": "VARCHAR",
    "date": "DATE",
    "money": "DECIMAL(18,2)",
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """Where a run finds its tables, and what linking came to.

    ``paths`` gives every supplied table's Parquet file. Tables with a chain or a link are ordered by ``_row`` and carry
    ``chain``, ``chain_position``, ``chain_count`` and ``_step`` (the ladder's step id), and a linked row's key column
    holds its anchor's number, NULL if unlinked: what the snapshot's profile says of that column no longer holds.

    ``links`` (table, _row, anchor, step, step_id, chain), ``unlinked`` (table, _row, reason, candidates,
    candidate_count; reasons: ``linking_unlinked.REASONS``), both by table and row, and ``doubts`` per linked table
    (chain, _row; ordered so) are Parquet files. ``orphans`` counts the rows of a linked table that filled no column by
    which they could be linked or told apart, ``steps`` the rows linked by each step of the ladder, in its order.
    """

    paths: dict[str, Path]
    links: Path
    unlinked: Path
    doubts: dict[str, Path]
    rows: dict[str, int]
    orphans: dict[str, int]
    steps: dict[str, dict[str, int]]


def prepare(
    snapshot_tables: Mapping[str, Path],
    lexicon: Lexicon,
    engine: Engine,
    as_of: date,
    folder: Path,
    progress: Progress | None = None,
) -> Prepared:
    """Chain and link the canonical tables in ``snapshot_tables`` (table id -> Parquet file), writing into ``folder``.

    Raises PackProblem (T121, T122, T123) if a link does not fit its anchor's term, RunProblem (R2xx) if the engine
    fails or somebody asked to stop. A table whose anchor table was not supplied is linked to nothing.
    """
    return _Preparation(dict(snapshot_tables), lexicon, engine, as_of, folder, progress or Silent()).run()


class _Preparation:
    """The state of one :func:`prepare` call."""

    def __init__(
        self,
        supplied: dict[str, Path],
        lexicon: Lexicon,
        engine: Engine,
        as_of: date,
        folder: Path,
        progress: Progress,
    ) -> None:
        self.lexicon, self.engine, self.as_of, self.progress = lexicon, engine, as_of, progress
        self.folder = private_folder(folder)
        self.supplied = dict(sorted(supplied.items()))
        self.paths = dict(self.supplied)
        self.rows: dict[str, int] = {}
        self.doubts: dict[str, Path] = {}
        self.orphans: dict[str, int] = {}
        self.steps: dict[str, dict[str, int]] = {}
        self.numbers: dict[str, str] = {}
        self.chains: dict[str, str] = {}
        self.plans: dict[str, LinkPlan] = {}
        self.made: list[str] = []
        self.views: list[str] = []
        self.parts: dict[str, list[Path]] = {"links": [], "unlinked": []}

    def run(self) -> Prepared:
        try:
            return self._prepared()
        finally:
            self._clean()

    def _prepared(self) -> Prepared:
        known = [name for name in self.supplied if name in self.lexicon.tables]
        links_by_table = ((name, self.lexicon.tables[name].link) for name in known)
        self.plans = {name: plan_link(self.lexicon, name, link) for name, link in links_by_table if link is not None}
        for name, path in self.supplied.items():
            self.rows[name] = pq.read_metadata(path).num_rows
            self._lay_out(name, path)
        chains = {plan.link.to: plan.chain for plan in self.plans.values()}
        for name in known:
            own = self.lexicon.tables[name].chain
            if own is not None:
                chains[name] = own
        for name, chain in sorted(chains.items()):
            self._chain(name, chain)
        for name, plan in self.plans.items():
            self._link(name, plan)
        for name in chains:
            if name in self.supplied:
                self._write(self._chained(name), self._path(name))
        links = self._gathered("links", LINK_COLUMNS)
        unlinked = self._gathered("unlinked", UNLINKED_COLUMNS)
        return Prepared(self.paths, links, unlinked, self.doubts, self.rows, self.orphans, self.steps)

    def _clean(self) -> None:
        drop_unlinked(self.engine)
        for plan in self.plans.values():
            drop_working_tables(self.engine, plan)
        for table in self.made:
            self.engine.drop(table)
        for view in self.views:
            self.engine.drop_view(view)

    def _lay_out(self, name: str, path: Path) -> None:
        if self.rows[name] <= HELD_ROWS:
            self.engine.hold(self._named(_canonical(name)), [path])
        else:
            self.engine.view(_canonical(name), [path])
            self.views.append(_canonical(name))

    def _chain(self, name: str, chain: Chain) -> None:
        """Chains of one table; one that was not supplied is taken as empty, so that its linkers link to nothing."""
        self._step(f"连成链条：{self.lexicon.tables[name].title}")
        table = self.lexicon.tables[name]
        if name not in self.supplied:
            self._make_empty(name)
        same = table.same_number
        if same is not None and same.table in self.supplied:
            self.numbers[name] = self._named(f"_numbers_{name}")
            build_numbers(self.engine, _canonical(same.table), same.columns, self.numbers[name])
        self.chains[name] = self._named(f"_chains_{name}")
        build_chains(self.engine, chain, same, _canonical(name), self.numbers.get(name), self.chains[name])

    def _make_empty(self, name: str) -> None:
        columns = [
            f"{quoted(column.id)} {_SQL_TYPES[column.storage]}"
            for column in self.lexicon.columns(name).values()
            if column.origin != "chain"
        ]
        table = quoted(self._named(_canonical(name)))
        self.engine.run(f"CREATE OR REPLACE TABLE {table} (_row BIGINT, {', '.join(columns)}, _bad BIGINT)")

    def _link(self, name: str, plan: LinkPlan) -> None:
        self._step(f"关联：{self.lexicon.tables[name].title}")
        anchor = plan.link.to
        link_rows(
            self.engine,
            plan,
            _canonical(name),
            _canonical(anchor),
            self.chains[anchor],
            self.numbers.get(anchor),
            self.as_of,
        )
        explain_unlinked(self.engine, plan)
        self._write(self._linked(name, plan), self._path(name))
        self.doubts[name] = self.folder / f"doubts.{name}.parquet"
        self._write(f"SELECT chain, _row FROM ({doubts(plan)}) AS d ORDER BY chain, _row", self.doubts[name])
        self.orphans[name] = self._count(self._orphans(name, plan))
        counts = self.engine.fetch(f"SELECT rung, count(*) AS rows FROM {LINKS} GROUP BY rung").to_pylist()
        by_rung = {int(row["rung"]): int(row["rows"]) for row in counts}
        self.steps[name] = {step.id: by_rung.get(rung, 0) for rung, (step, _) in enumerate(plan.steps)}
        self._part("links", name, _link_list(name, plan))
        self._part("unlinked", name, f'SELECT {literal(name)} AS "table", * FROM {UNLINKED}')
        drop_unlinked(self.engine)
        drop_working_tables(self.engine, plan)

    def _orphans(self, name: str, plan: LinkPlan) -> str:
        known = " AND ".join(f"t.{quoted(key)} IS NULL" for key in plan.link.other_keys) or "TRUE"
        return (
            f"SELECT count(*) FROM {UNLINKED} AS u JOIN {quoted(_canonical(name))} AS t ON t._row = u._row"
            f" WHERE u.reason = 'nothing_filled' AND {known}"
        )

    def _linked(self, name: str, plan: LinkPlan) -> str:
        """The table with the key replaced. A number that was written but led nowhere is unknown, not empty."""
        key = quoted(plan.link.key)
        terms = [term for term in self.lexicon.columns(name).values() if term.origin != "chain"]
        place = [term.id for term in terms].index(plan.link.key)
        number = f"CAST(k.number AS {_SQL_TYPES[terms[place].storage]})"
        bad = (
            f"CASE WHEN {number} IS NOT NULL THEN t._bad & ~{1 << place}::BIGINT"
            f" WHEN t.{key} IS NOT NULL THEN t._bad | {1 << place}::BIGINT ELSE t._bad END"
        )
        return (
            f"SELECT t.* REPLACE ({number} AS {key}, {bad} AS _bad), k.chain, k.place AS chain_position, k.chain_count,"
            f" s.step_id AS _step FROM {quoted(_canonical(name))} AS t LEFT JOIN {LINKS} AS k ON k._row = t._row"
            f" LEFT JOIN ({_steps(plan)}) AS s ON s.rung = k.rung ORDER BY t._row"
        )

    def _chained(self, name: str) -> str:
        return (
            "SELECT t.*, c.chain, c.chain_position, c.chain_count, NULL::VARCHAR AS _step"
            f" FROM {quoted(_canonical(name))} AS t LEFT JOIN {quoted(self.chains[name])} AS c ON c._row = t._row"
            " ORDER BY t._row"
        )

    def _part(self, kind: str, name: str, sql: str) -> None:
        path = self.folder / f".{kind}.{name}.parquet"
        self._write(sql, path)
        self.parts[kind].append(path)

    def _gathered(self, kind: str, columns: str) -> Path:
        """One file of all tables' parts, by table and row; empty with the right columns if there is none."""
        path, view = self.folder / f"{kind}.parquet", f"_parts_{kind}"
        if self.parts[kind]:
            self.engine.view(view, self.parts[kind])
            self._write(f'SELECT * FROM {view} ORDER BY "table", _row', path)
            self.engine.run(f"DROP VIEW {view}")
        else:
            self.engine.run(f"CREATE OR REPLACE TABLE {view} ({columns})")
            self._write(f"SELECT * FROM {view}", path)
            self.engine.run(f"DROP TABLE {view}")
        for part in self.parts[kind]:
            part.unlink()
        return path

    def _path(self, name: str) -> Path:
        self.paths[name] = self.folder / f"{name}.parquet"
        return self.paths[name]

    def _write(self, sql: str, path: Path) -> None:
        self.engine.write(sql, path, step=f"写出 {path.name}")
        path.chmod(0o600)

    def _count(self, sql: str) -> int:
        return int(self.engine.fetch(sql).column(0)[0].as_py())

    def _named(self, table: str) -> str:
        self.made.append(table)
        return table

    def _step(self, title: str) -> None:
        if self.progress.cancelled():
            raise RunProblem(Problem("R205", "已按要求停止。"))
        self.progress.step(title)


def _canonical(name: str) -> str:
    return f"_canonical_{name}"


def _steps(plan: LinkPlan) -> str:
    """SQL: rung, step, step_id of the ladder."""
    return " UNION ALL ".join(
        f"SELECT {rung} AS rung, {step.step} AS step, {literal(step.id)} AS step_id"
        for rung, (step, _) in enumerate(plan.steps)
    )


def _link_list(name: str, plan: LinkPlan) -> str:
    return (
        f'SELECT {literal(name)} AS "table", k._row, k.number AS anchor, s.step, s.step_id, k.chain'
        f" FROM {LINKS} AS k JOIN ({_steps(plan)}) AS s ON s.rung = k.rung"
    )
