"""What the overlaps of facts rest on, made once before them: merged stretches, and our rows that may lie in one.

Most pensioners are never in custody. Looked up again for every overlap, and for the evidence once more, ten million
months are read four times; copied once, the few that may meet a stretch are all that is read from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from jianheng.core.compiler.near import near_columns
from jianheng.core.compiler.overlap import Pairs, Partner, partner_of
from jianheng.core.compiler.plan import Statement
from jianheng.core.compiler.render import Renderer
from jianheng.core.compiler.rows import source_sql, supplied
from jianheng.core.compiler.stretches import days_of, merged, merged_unsure
from jianheng.core.compiler.trees import aliases_of, is_true, not_false
from jianheng.core.foundation.identity import hash_text
from jianheng.core.model.expression import parse
from jianheng.core.model.shapes import span_texts
from jianheng.core.model.spec import Facts
from jianheng.core.model.supervision_model import SupervisionModel, equalities


def overlap_tables(
    name: str, model: SupervisionModel, renderer: Renderer, prefix: str
) -> tuple[list[Statement], Mapping[str, str]]:
    """The statements to run before the facts ``name``, and which table each overlap and our own rows are read from.

    A table of stretches is named by its text: facts that need the same share it. ``prefix``: of these names.
    """
    facts = model.spec.facts[name]
    statements: list[Statement] = []
    made: dict[str, str] = {}
    for overlap in facts.overlap:
        if not supplied(model.alias(overlap.table), renderer.profile):
            continue
        partner = partner_of(model, overlap, renderer)
        sql = _stretches(partner)
        made[overlap.id] = f"{prefix}stretches__{partner.alias.source}__{hash_text(sql).partition(':')[2][:8]}"
        statements.append(Statement(made[overlap.id], sql, f"{facts.title}：{partner.alias.title}的期间"))
    if facts.overlap and facts.overlap[0].id in made and _of_our_row_alone(model, facts):
        made[facts.from_] = f"met__{name}"
        sql = _rows_near(model, name, made[facts.overlap[0].id], renderer)
        statements.append(Statement(made[facts.from_], sql, f"{facts.title}：可能相遇的记录"))
    return statements, made


def _stretches(partner: Partner) -> str:
    """Keys ``k0``…, ``cf`` to ``cl`` of every merged stretch; where something is unsure with its sure parts."""
    renderer, days = partner.renderer, partner.days
    names = [f"k{index}" for index in range(len(partner.pairs))]
    keys = [f"{renderer.column(left.alias, left.column)} AS k{index}" for index, (left, _) in enumerate(partner.pairs)]
    tests = partner.rows_that_may_count()
    columns = [*keys, f"{days.possible[0]} AS f", f"{days.possible[1]} AS l"]
    if not partner.certain:
        columns.append(f"{days.edge} AS e")
        sure = [f"{days.sure[0]} <= {days.sure[1]}"]
        sure += [] if is_true(partner.when) else [renderer.truth(partner.when)]
        columns += [
            f"CASE WHEN {' AND '.join(sure)} THEN {day} END AS s{end}" for day, end in zip(days.sure, "fl", strict=True)
        ]
    rows = f"SELECT {', '.join(columns)} FROM {partner.source} WHERE {' AND '.join(tests or ['TRUE'])}"
    if partner.certain:
        listing = ", ".join(names)
        return (
            f"SELECT {listing}, f AS cf, l AS cl, l AS ce, f AS sf, l AS sl FROM ({merged(rows, names, renderer)}) AS s"
        )
    return merged_unsure(rows, names, renderer)


def _of_our_row_alone(model: SupervisionModel, facts: Facts) -> bool:
    """Whether the first row of the facts alone decides which stretches it may meet."""
    first, scope = facts.overlap[0], model.base_scope().adding(model.alias(facts.from_))
    texts = [scope.expand(parse(text)) for text in span_texts(first.of)]
    return aliases_of(texts) | {right.alias for _, right in _pairs(model, facts)} <= {facts.from_}


def _pairs(model: SupervisionModel, facts: Facts) -> Pairs:
    first = facts.overlap[0]
    return equalities(first.on, model.alias(first.table, first.as_).name)


def _kept(model: SupervisionModel, facts: Facts, own: Renderer) -> Iterator[str]:
    """The conditions of the facts on our row alone."""
    scope = model.row_scope(facts)
    for condition in facts.where:
        tree = scope.expand(parse(condition.when))
        if aliases_of([tree]) <= {facts.from_}:
            yield not_false(tree, own)


def _rows_near(model: SupervisionModel, name: str, stretches: str, renderer: Renderer) -> str:
    """The rows of ours that nothing rules out, between the first and the last stretch of their key."""
    facts, start = model.spec.facts[name], model.alias(model.spec.facts[name].from_)
    own = replace(renderer, scope=model.base_scope().adding(start))
    quote = renderer.dialect.quote
    ours = days_of(facts.overlap[0].of, own, renderer.claim(start.source))
    pairs = _pairs(model, facts)
    keys = [f"k{index}" for index in range(len(pairs))]
    ends = f"SELECT {', '.join(keys)}, MIN(cf) AS cf, MAX(cl) AS cl FROM {quote(stretches)} GROUP BY {', '.join(keys)}"
    tests = [f"p.{key} = {own.column(right.alias, right.column)}" for key, (_, right) in zip(keys, pairs, strict=True)]
    tests += [f"{ours.possible[0]} <= p.cl", f"{ours.possible[1]} >= p.cf", *ours.there, *_kept(model, facts, own)]
    listing = ", ".join(
        own.column(start.name, column) for column in near_columns(model, [name], renderer.profile)[start.source]
    )
    return f"SELECT {listing}\nFROM {source_sql(start, own)}\n  JOIN ({ends}) AS p ON {' AND '.join(tests)}"
