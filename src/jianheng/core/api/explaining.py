"""The SQL of a model for a reader: as it would run if every table were supplied and complete."""

from __future__ import annotations

from datetime import date

from jianheng.core.compiler.compile import Inputs, compile_model
from jianheng.core.compiler.coverage import Window
from jianheng.core.compiler.profile import Profile, SourceProfile
from jianheng.core.model.supervision_model import SupervisionModel

_SHOWN_AS_OF = date(2025, 6, 30)
_SINCE = date(1990, 1, 1)


def explain_sql(model: SupervisionModel, dialect: str = "duckdb", as_of: date = _SHOWN_AS_OF) -> dict[str, str]:
    """Rule id -> all its statements, those of the facts it rests on first. A date has to stand for the day of the run.

    Nothing is assumed of the data: blanks and unread cells are possible in every column.
    """
    tables = {table: SourceProfile(rows=1) for table in model.spec.tables.values()}
    coverage = {table: (Window(_SINCE, as_of),) for table in tables}
    result = {}
    for rule in model.spec.rules:
        plan = compile_model(model, Inputs(as_of, {}, coverage, Profile(tables), {}, dialect), {rule.id})
        statements = [*plan.facts]
        for one in plan.rules:
            statements += [*one.before, one.population, one.possible, one.verdicts, one.hits, one.evidence]
        result[rule.id] = "\n\n".join(f"-- {statement.title}\n{statement.sql};" for statement in statements)
    return result
