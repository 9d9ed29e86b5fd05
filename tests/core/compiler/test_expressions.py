"""Conditions as SQL against a plain second reading of what they mean."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from jianheng.core.compiler.dialect import DIALECTS
from jianheng.core.compiler.profile import Profile
from jianheng.core.compiler.render import FactsShape, Renderer
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.model import expression as ast
from jianheng.core.model.expression import Node, parse, to_text
from jianheng.core.model.functions import FUNCTIONS
from jianheng.core.model.scope import Scope
from jianheng.core.model.supervision_model import table_alias
from tests.core.compiler.expressions import LISTS, PARAMS, conditions, facts_rows, sample_rows
from tests.core.compiler.naive_expression import Bounds, Place, truth
from tests.engines.test_conformance import FACTS
from tests.engines.town_tables import UNREAD, Mark, arrow_table, measured, town, worst

# The random trees are wide, and only their description, which nobody reads, is long.
pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")

AS_OF = date(2024, 3, 31)
SCOPE = Scope(
    {"a": table_alias("a", "sample", town()), "p": table_alias("p", "sample", town()), "f": FACTS},
    {"grace": "integer", "factor": "integer"},
    LISTS,
)
EMPTY = {
    "a": {term.id: term.empty for term in town().columns("sample").values()},
    "p": {term.id: term.empty for term in town().columns("sample").values()},
    "f": {"total": "bounds", "times": "bounds", "last": "never"},
}
Rows = dict[str, dict[str, Any] | None]


def facts_table(places: list[Rows]) -> pa.Table:
    rows = []
    for number, place in enumerate(places, start=1):
        if place["f"] is not None:
            last = place["f"]["last"]
            row = {"k": number, "_bad": int(last is UNREAD), "last": None if isinstance(last, Mark) else last}
            for name in ("total", "times"):
                row |= {name: place["f"][name].low, f"{name}__max": place["f"][name].high}
            rows.append(row)
    money, whole = pa.decimal128(18, 2), pa.int64()
    kinds = {"k": whole, "_bad": whole, "last": pa.date32()}
    kinds |= {"total": money, "total__max": money, "times": whole, "times__max": whole}
    return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()})


def answers(engine: DuckdbEngine, nodes: list[Node], places: list[Rows], *, tight: bool) -> list[list[bool | None]]:
    """One list a place: the truth of every node, by the engine."""
    first = [{**(place["a"] or {}), "_row": number} for number, place in enumerate(places, start=1)]
    second = [{**place["p"], "_row": number} for number, place in enumerate(places, start=1) if place["p"] is not None]
    engine.load("sample", arrow_table("sample", first))
    engine.load("partner", arrow_table("sample", second))
    engine.load("f", facts_table(places))
    profile = (measured if tight else worst)("sample", [*first, *second])
    facts = [place["f"] for place in places if place["f"] is not None]
    names = ("total", "times")
    exact = {
        name
        for name in names
        if all(isinstance(row[name], Bounds) and row[name].low == row[name].high for row in facts)
    }
    shape = FactsShape(
        frozenset(exact if tight else ()), tight and all(row["last"] is not UNREAD for row in facts), ("k",)
    )
    outer = frozenset({"p"}) if not tight or len(second) < len(first) else frozenset()
    renderer = Renderer(SCOPE, DIALECTS["duckdb"], Profile({"sample": profile}), AS_OF, PARAMS, {"f": shape}, outer)
    select = ", ".join(f"{renderer.truth(node)} AS t{index}" for index, node in enumerate(nodes))
    sql = (
        f'SELECT {select} FROM sample AS "a" LEFT JOIN partner AS "p" ON p._row = a._row'
        f' LEFT JOIN f AS "f" ON f.k = a._row ORDER BY a._row'
    )
    return [list(row.values()) for row in engine.fetch(sql).to_pylist()]


def by_hand(nodes: list[Node], places: list[Rows]) -> list[list[bool | None]]:
    result = []
    for place in places:
        at = Place(place, EMPTY, frozenset({"f"}), AS_OF, PARAMS, LISTS)
        result.append([truth(node, at) for node in nodes])
    return result


def compare(engine: DuckdbEngine, nodes: list[Node], places: list[Rows], *, tight: bool) -> None:
    got, meant = answers(engine, nodes, places, tight=tight), by_hand(nodes, places)
    for place, row, wanted in zip(places, got, meant, strict=True):
        for node, one, other in zip(nodes, row, wanted, strict=True):
            assert one == other, f"{to_text(node)}\nat {place}\nengine {one}, by hand {other}, tight={tight}"


PLACES = st.lists(
    st.fixed_dictionaries(
        {
            "a": sample_rows(),
            "p": st.one_of(sample_rows(), sample_rows(), st.none()),
            "f": st.one_of(facts_rows(), facts_rows(), st.none()),
        }
    ),
    min_size=1,
    max_size=5,
)
WHOLE = st.lists(
    st.fixed_dictionaries({"a": sample_rows(gaps=False), "p": sample_rows(gaps=False), "f": facts_rows()}),
    min_size=1,
    max_size=4,
)
MANY = settings(max_examples=40, suppress_health_check=list(HealthCheck))


@MANY
@given(nodes=st.lists(conditions(), min_size=3, max_size=8), places=PLACES)
def test_a_condition_means_in_sql_what_it_means_by_hand(
    engine: DuckdbEngine, nodes: list[Node], places: list[Rows]
) -> None:
    compare(engine, nodes, places, tight=False)
    compare(engine, nodes, places, tight=True)


@MANY
@given(nodes=st.lists(conditions(), min_size=3, max_size=8), places=WHOLE)
def test_leaving_out_the_maybe_halves_changes_nothing_where_every_cell_has_a_value(
    engine: DuckdbEngine, nodes: list[Node], places: list[Rows]
) -> None:
    compare(engine, nodes, places, tight=True)


@settings(max_examples=100)
@given(conditions())
def test_a_tree_written_out_reads_back_as_the_same_tree(node: Node) -> None:
    text = to_text(node)
    assert to_text(parse(text)) == text


def test_the_random_conditions_reach_every_function() -> None:
    """The generator itself: what it never makes is never proved."""
    reached: set[str] = set()

    @settings(max_examples=400, derandomize=True, database=None, phases=[Phase.generate])
    @given(conditions())
    def collect(node: Node) -> None:
        reached.update(part.function for part in ast.walk(node) if isinstance(part, ast.Call))

    collect()
    assert reached == set(FUNCTIONS) - {"deadline"}  # that one is proved day by day in test_calendar_lookup
