"""What the shapes ``overlap`` and ``events`` give to the expressions around them: row sources with fixed columns."""

from __future__ import annotations

from jianheng.core.legal_time.period import Period, parse_period
from jianheng.core.model.expression import parse
from jianheng.core.model.scope import Alias, Scope, ScopeColumn, type_of
from jianheng.core.model.spec import Ending, Events, Extension, Facts, Happening, Overlap, Pause, Restart, Span

WORKING_DAYS = "working_days"


def overlap_alias(overlap: Overlap, *, first: bool) -> Alias:
    """The columns of one overlap; only the ``first`` of a facts table knows the merged stretch it is about."""
    columns = [
        ScopeColumn("days", "重合天数", "integer", bounds=True),
        ScopeColumn("whole", "整段都在其内", "boolean"),
        ScopeColumn("first_on", "重合的首日", "date", "never", bit=0),
        ScopeColumn("last_on", "重合的末日", "date", "never", bit=1),
    ]
    if first:
        columns.append(ScopeColumn("began_on", "期间的首日", "date", "never", bit=2))
        columns.append(ScopeColumn("ended_on", "期间的末日", "date", "never", bit=3))
    title = overlap.title or "重合期间"
    return Alias(overlap.id, overlap.id, title, {column.name: column for column in columns}, is_facts=True)


def overlap_aliases(facts: Facts) -> list[Alias]:
    """The overlaps of a facts table as row sources."""
    return [overlap_alias(one, first=index == 0) for index, one in enumerate(facts.overlap)]


def events_columns(events: Events, scope: Scope) -> dict[str, ScopeColumn]:
    """The keys of the episodes, then what is found out about each; the deadline's columns only with a period."""
    columns = {key: ScopeColumn(key, key, type_of(scope.expand(parse(text)), scope)) for key, text in events.by.items()}
    found = [
        ScopeColumn("started_on", "起始日期", "date", "never", bit=0),
        ScopeColumn("ended_on", "结束日期", "date", "never", bit=1, bounds=True),
        ScopeColumn("ended_by", "结束事由", "text", "never", bit=2),
        ScopeColumn("before_on", "起始之前的结束日期", "date", "never", bit=3),
        ScopeColumn("number", "第几次", "integer", bounds=True),
        ScopeColumn("times", "次数", "integer", bounds=True),
    ]
    if events.choices:
        found += [
            ScopeColumn("counted_from", "期间起算日", "date", "never", bit=4),
            ScopeColumn("deadline", "期限届满日", "date", "never", bit=5, bounds=True),
            ScopeColumn("late_days", "逾期天数", "integer", bounds=True),
            ScopeColumn("paused_days", "不计入期间的天数", "integer", bounds=True),
        ]
    return {**columns, **{column.name: column for column in found}}


def happening_name(part: Happening) -> str:
    """The alias that the conditions of a happening call its table by."""
    return part.as_ or part.table or ""


def dates_of(part: Happening) -> tuple[str, ...]:
    """The expressions of the days of a happening."""
    if isinstance(part, Pause):
        return part.from_, part.to
    return (part.on,) if isinstance(part, (Ending, Extension, Restart)) else ()


def span_texts(span: Span) -> tuple[str, ...]:
    """The expressions of a stretch as they are written, first day first."""
    return tuple(text for text in (span.month, span.from_, span.to, span.until) if text is not None)


def periods_of(events: Events) -> list[Period]:
    """Every period that may be counted: the choices, then the extensions. Raises ValueError for one unreadable."""
    texts = [one.period for one in events.choices] + [one.period for one in events.extensions]
    return [parse_period(text) for text in texts]


def in_working_days(events: Events) -> bool:
    """Whether the periods count working days; a model that has been read never mixes them with others."""
    return any(period.unit == WORKING_DAYS for period in periods_of(events))
