"""What authors may write in ``model.yaml``. Expressions are text here; :mod:`.expression` reads them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from jianheng.core.pack.typed import Strict

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Expression = str
Kind = Literal["clue", "conflict", "list", "hint"]
KIND_TITLES: dict[str, str] = {"clue": "线索", "conflict": "数据矛盾", "list": "工作清单", "hint": "提示"}
"""The kind of a rule (规则的性质) as people read it, wherever it is shown. A subject that a rule hits is 疑似问题."""

Certainty = Literal["V", "P", "S", "U", "I"]
Line = Literal["criminal", "civil", "administrative", "public_interest", "management"]


UNITS = {"days": "日", "months": "个月", "money": "元"}
"""The types of parameters that have one unit each."""


class Parameter(Strict):
    """A number the office may set; ``why`` says where the default comes from.

    ``unit`` is what a ``count`` counts (户, 件, %, …); one of unlike things has none. The other types bring their own.
    """

    type: Literal["days", "months", "money", "count"]
    default: int | Decimal
    unit: str = ""
    title: str
    why: str

    def text(self, value: object) -> str:
        """A value of this parameter with its unit."""
        return f"{value}{self.measure}"

    @property
    def measure(self) -> str:
        """The unit that stands behind a value."""
        return UNITS.get(self.type, self.unit)


class Basis(Strict):
    """An article and the days on which it is in force (``to`` is the last day)."""

    cite: str
    from_: date = Field(alias="from")
    to: date | None = None


class Join(Strict):
    """A partner matched on equalities. ``missing``: what a row without partner means (semantics 12).

    ``expect: one`` (in rules, with a table): a second partner is a problem row and a note on the clue.
    """

    table: Identifier
    as_: Identifier | None = Field(default=None, alias="as")
    on: Expression
    missing: Literal["cannot_tell", "clean"] = "cannot_tell"
    expect: Literal["one"] | None = None


class Condition(Strict):
    """One condition with an id; ``say`` is its Chinese half-sentence, ``{value}`` the left side of its comparison."""

    id: Identifier
    when: Expression
    say: str = ""


class Quantifier(Strict):
    """Partners of a row in another table, matched on equalities, narrowed by ``when``."""

    id: Identifier
    table: Identifier
    as_: Identifier | None = Field(default=None, alias="as")
    on: Expression
    when: Expression = "true"
    say: str = ""


class Absent(Quantifier):
    """Nothing of the kind exists. ``covering`` is the first day that the table must cover (semantics 14).

    ``covering: null`` is for tables whose rows are not events (lists in force), where no period can be covered.
    """

    covering: Expression | None


class Present(Quantifier):
    """Something of the kind exists. ``missing``: the row is clean without it, or cannot be judged."""

    missing: Literal["cannot_tell", "clean"] = "clean"


class Guard(Strict):
    """An innocent explanation (semantics 15): with ``table`` a partner that excuses, without it a plain condition."""

    id: Identifier
    table: Identifier | None = None
    as_: Identifier | None = Field(default=None, alias="as")
    on: Expression | None = None
    when: Expression = "true"
    say: str = ""


class Aggregate(Strict):
    """One column of a ``group``: exactly one of the four."""

    sum: Expression | None = None
    count: Expression | None = None
    min: Expression | None = None
    max: Expression | None = None
    when: Expression = "true"
    title: str = ""


class Group(Strict):
    """Counts, sums, least and greatest of the rows with the same key; bounds where rows are unsure (semantics 18)."""

    by: dict[Identifier, Expression]
    columns: dict[Identifier, Aggregate]


class Candidate(Strict):
    """One source of a picked date: ``on`` and further columns, from the row itself or from a joined partner."""

    id: Identifier
    title: str
    table: Identifier | None = None
    as_: Identifier | None = Field(default=None, alias="as")
    match: Expression | None = None
    when: Expression = "true"
    on: Expression
    columns: dict[Identifier, Expression] = {}


class Pick(Strict):
    """The earliest or latest of several sources for each key; a row for every row of ``from``.

    Gives the columns ``on``, ``source`` (the title of the candidate) and those the candidates share. Where nothing is
    certain but something is possible, the columns are unknown; where nothing is possible, ``on`` has not happened.
    """

    by: dict[Identifier, Expression]
    take: Literal["earliest", "latest"]
    candidates: list[Candidate]


class Span(Strict):
    """A stretch of days: ``from`` to ``to``, both counted, or to the day before ``until``; or one whole ``month``."""

    from_: Expression | None = Field(default=None, alias="from")
    to: Expression | None = None
    until: Expression | None = None
    month: Expression | None = None


class Overlap(Strict):
    """The rows of a facts table beside the stretches of another table with the same keys (semantics 19).

    ``of`` is the stretch of our own row, ``with`` that of the partner; partners that touch or overlap are one stretch.
    The first overlap of a facts table gives a row for every (row of ours, stretch) that share a day, further ones only
    add columns. Named by ``id``: ``days``, ``whole`` (every day of ours lies inside), ``first_on``, ``last_on``, and of
    the first also ``began_on`` and ``ended_on`` of the merged stretch.
    """

    id: Identifier
    title: str = ""
    table: Identifier
    as_: Identifier | None = Field(default=None, alias="as")
    on: Expression
    when: Expression = "true"
    of: Span
    with_: Span = Field(alias="with")


class Happening(Strict):
    """Something that happens to a case: dated cells of the row itself or, with ``table``, of a matched row."""

    id: Identifier
    title: str
    table: Identifier | None = None
    as_: Identifier | None = Field(default=None, alias="as")
    match: Expression | None = None
    when: Expression = "true"


class Ending(Happening):
    """What should follow the start (B)."""

    on: Expression


class Pause(Happening):
    """Days that do not count, both ends included; an ``open`` end lasts to the claim."""

    from_: Expression = Field(alias="from")
    to: Expression


class Extension(Happening):
    """A further ``period``, granted ``on`` a day before the deadline reached so far."""

    on: Expression
    period: str


class Restart(Happening):
    """The period begins anew ``on`` a day before the deadline reached so far."""

    on: Expression


class PeriodChoice(Strict):
    """A statutory period for the rows that meet ``when``: the law of the day, a kind of procedure."""

    when: Expression = "true"
    period: str


class Events(Strict):
    """What follows a start within a statutory period (semantics 20): an episode for every row of ``from``.

    Gives ``started_on``, ``counted_from``, ``deadline``, ``ended_on``, ``ended_by``, ``late_days``, ``before_on``,
    ``paused_days``, ``number`` and ``times``; ``docs/zh/编写模型.md`` says what each means.
    """

    by: dict[Identifier, Expression]
    start: Expression
    period: str | list[PeriodChoice] | None = None
    custody: bool | Expression = False
    end: list[Ending]
    pauses: list[Pause] = []
    extensions: list[Extension] = []
    restarts: list[Restart] = []

    @property
    def parts(self) -> list[Ending | Pause | Extension | Restart]:
        """Everything that may happen, in written order."""
        return [*self.end, *self.excuses]

    @property
    def excuses(self) -> list[Pause | Extension | Restart]:
        """What may put the deadline off; a table of these that was not supplied is said on the clue (semantics 15)."""
        return [*self.pauses, *self.extensions, *self.restarts]

    @property
    def choices(self) -> list[PeriodChoice]:
        """The periods to choose from, in order; none where only the order of things is asked for."""
        if self.period is None:
            return []
        return [PeriodChoice(period=self.period)] if isinstance(self.period, str) else self.period

    @property
    def held(self) -> Expression:
        """The condition under which days off do not extend the period."""
        return self.custody if isinstance(self.custody, str) else str(self.custody).lower()


class Facts(Strict):
    """A named derived table (semantics 17). ``optional`` tables count as empty when not supplied, and that is said."""

    title: str
    from_: Identifier = Field(alias="from")
    join: list[Join] = []
    where: list[Condition] = []
    overlap: list[Overlap] = []
    group: Group | None = None
    pick: Pick | None = None
    events: Events | None = None
    optional: bool = False

    @property
    def sources(self) -> list[str]:
        """What it cannot be made without: its rows, joins, what the first overlap compares with, how events end."""
        endings = [one.table for one in self.events.end if one.table] if self.events else []
        overlaps = [one.table for one in self.overlap[:1]]
        return list(dict.fromkeys([self.from_, *(join.table for join in self.join), *overlaps, *endings]))

    @property
    def form(self) -> Group | Pick | Events:
        """The one of the three that is written; reading a model makes sure of it."""
        form = self.group or self.pick or self.events
        assert form is not None
        return form


class Rule(Strict):
    """One rule: what must be true of a row for its subject to be a hit, and everything a person needs to judge it.

    ``continues``: ids of former rules that this one replaces; what was decided of their clues is carried over.
    """

    id: Identifier
    title: str
    continues: list[Identifier] = []
    kind: Kind
    certainty: Certainty
    basis: list[Basis]
    judged_on: Expression
    subject: list[Expression]
    episode: list[Expression] = []
    against: Expression
    from_: Identifier = Field(alias="from")
    join: list[Join] = []
    where: list[Condition] = []
    absent: list[Absent] = []
    present: list[Present] = []
    unless: list[Guard] = []
    amount: Expression | None = None
    say: str
    innocent: list[str]
    verify: list[str]
    orphan_limit_percent: int = 1

    @property
    def partners(self) -> list[Absent | Present | Guard]:
        """Absences, presences and guards, in this order."""
        return [*self.absent, *self.present, *self.unless]


class Model(Strict):
    """``model.yaml``."""

    id: Identifier
    version: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
    title: str
    line: Line
    summary: str
    tables: dict[Identifier, Identifier]
    params: dict[Identifier, Parameter] = {}
    lists: dict[Identifier, list[str]] = {}
    define: dict[Identifier, Expression] = {}
    facts: dict[Identifier, Facts] = {}
    rules: list[Rule]
