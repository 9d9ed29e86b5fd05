"""Random small models over the town: facts, joins, conditions, absences, guards; and random data for them."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from jianheng.core.compiler.coverage import Window
from tests.core.compiler.naive_rules import Town
from tests.engines.town_tables import BLANK, UNREAD

AS_OF = date(2024, 6, 30)
DAYS = [date(2024, 1, 10), date(2024, 2, 29), date(2024, 3, 31), date(2024, 6, 30), date(2024, 7, 1)]
AMOUNTS = [Decimal(text) for text in ("0.00", "100.00", "250.50", "-20.00")]
PEOPLE = ["甲", "乙", "丙"]
COLOURS = ["红", "绿"]

_STAY = [
    "stay.colour = '红'",
    "stay.colour <> '绿' or stay.amount > 50",
    "has(stay.ended)",
    "has(stay.ended) and stay.ended > stay.began",
    "days_between(stay.began, as_of) > wait",
    "stay.amount >= 100",
    "coalesce(stay.ended, as_of) >= date '2024-03-31'",
    "stay.chain_position = 1",
]
JOINS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "fee": (
        {"table": "fee", "on": "fee.chain = stay.chain"},
        ["fee.amount > 50", "has(fee.voided_on)", "fee.colour = stay.colour", "fee.paid_on >= stay.began"],
    ),
    "fee_of_person": (
        {"table": "fee", "as": "other", "on": "other.person = stay.person and other.colour = stay.colour"},
        ["other.amount > 50", "coalesce(other.voided_on, as_of) >= stay.began"],
    ),
    "paid": (
        {"table": "paid", "on": "paid.chain = stay.chain"},
        [
            "paid.total > 0",
            "stay.amount - paid.total > 0",
            "paid.times >= 2",
            "has(paid.first)",
            "paid.total = 200",
            "paid.top * 2 > 300",
        ],
    ),
    "noticed": (
        {"table": "noticed", "on": "noticed.person = stay.person"},
        ["noticed.times = 0", "noticed.times > 1", "has(noticed.last) and noticed.last > stay.began"],
    ),
    "finish": (
        {"table": "finish", "on": "finish.chain = stay.chain and finish.position = stay.chain_position"},
        [
            "days_between(finish.on, as_of) > 90",
            "has(finish.on)",
            "finish.colour = '红'",
            "finish.source = '作废'",
            "not has(finish.on) or finish.on > date '2024-03-01'",
        ],
    ),
    "closing": (
        {"table": "closing", "on": "closing.person = stay.person"},
        ["has(closing.on) and closing.on >= stay.began", "closing.on = stay.ended"],
    ),
    "months": (
        {"table": "months", "on": "months.person = stay.person"},
        [
            "months.whole > 0",
            "months.paid >= 100",
            "has(months.first)",
            "months.days > 40",
            "months.began_on > stay.began",
        ],
    ),
    "spells": (
        {"table": "spells", "on": "spells.person = stay.person"},
        ["spells.days > 10", "has(spells.last) and spells.last > stay.began", "spells.times >= 2", "spells.whole = 1"],
    ),
    "review": (
        {"table": "review", "on": "review.stay_no = stay.stay_no"},
        [
            "review.late_days > 0",
            "not has(review.ended_on)",
            "review.ended_by = '交费'",
            "has(review.before_on) or review.number > 1",
            "review.ended_on > review.deadline",
            "days_between(review.counted_from, as_of) > 30 and review.paused_days < 5",
        ],
    ),
    "work": (
        {"table": "work", "on": "work.chain = stay.chain and work.began = stay.began"},
        ["work.late_days > 5", "has(work.ended_on)", "work.times >= 2", "work.deadline < as_of"],
    ),
}
_FACTS: dict[str, Any] = {
    "paid": {
        "title": "交纳合计",
        "from": "fee",
        "group": {
            "by": {"chain": "fee.chain"},
            "columns": {
                "total": {"sum": "fee.amount", "when": "not has(fee.voided_on)"},
                "times": {"count": "fee.amount > 50"},
                "first": {"min": "fee.paid_on"},
                "top": {"max": "fee.amount", "when": "fee.colour = '红'"},
            },
        },
    },
    "noticed": {
        "title": "通知次数",
        "from": "notice",
        "where": [{"id": "red", "when": "notice.colour = '红'"}],
        "group": {
            "by": {"person": "notice.person"},
            "columns": {"times": {"count": "has(notice.sent_on)"}, "last": {"max": "notice.sent_on"}},
        },
    },
    "finish": {
        "title": "结束",
        "from": "stay",
        "pick": {
            "by": {"chain": "stay.chain", "position": "stay.chain_position"},
            "take": "earliest",
            "candidates": [
                {"id": "ended", "title": "结束", "on": "stay.ended", "columns": {"colour": "stay.colour"}},
                {
                    "id": "voided",
                    "title": "作废",
                    "table": "fee",
                    "match": "fee.chain = stay.chain",
                    "on": "fee.voided_on",
                    "when": "fee.amount > 0",
                    "columns": {"colour": "fee.colour"},
                },
                {
                    "id": "sent",
                    "title": "通知",
                    "table": "notice",
                    "match": "notice.person = stay.person",
                    "on": "notice.sent_on",
                    "when": "notice.colour = '红' and notice.sent_on >= stay.began",
                    "columns": {"colour": "notice.colour"},
                },
            ],
        },
    },
    "closing": {
        "title": "最后",
        "from": "stay",
        "where": [{"id": "red", "when": "stay.colour = '红'"}],
        "pick": {
            "by": {"person": "stay.person"},
            "take": "latest",
            "candidates": [
                {"id": "ended", "title": "结束", "on": "stay.ended"},
                {"id": "began", "title": "开始", "on": "stay.began"},
            ],
        },
    },
}
_FACTS |= {
    "months": {
        "title": "整月",
        "from": "grant",
        "overlap": [
            {
                "id": "inside",
                "table": "custody",
                "on": "custody.person = grant.person",
                "when": "custody.colour = '红'",
                "of": {"month": "grant.month"},
                "with": {"from": "custody.went_in", "until": "custody.came_out"},
            },
            {
                "id": "told",
                "table": "notice",
                "on": "notice.person = grant.person",
                "of": {"month": "grant.month"},
                "with": {"from": "notice.sent_on", "to": "notice.until"},
            },
        ],
        "group": {
            "by": {"began_on": "inside.began_on", "person": "grant.person"},
            "columns": {
                "whole": {"count": "inside.whole and not told.whole"},
                "paid": {"sum": "grant.amount", "when": "inside.whole and told.days = 0"},
                "days": {"sum": "inside.days"},
                "first": {"min": "inside.first_on", "when": "inside.whole or has(told.last_on)"},
            },
        },
    },
    "spells": {
        "title": "期间",
        "from": "grant",
        "where": [{"id": "red", "when": "grant.colour = '红'"}],
        "overlap": [
            {
                "id": "held",
                "table": "custody",
                "on": "custody.person = grant.person and custody.colour = grant.colour",
                "of": {"from": "grant.from_on", "to": "grant.to_on"},
                "with": {"from": "custody.went_in", "to": "custody.came_out"},
            }
        ],
        "group": {
            "by": {"person": "grant.person"},
            "columns": {
                "days": {"sum": "held.days"},
                "times": {"count": "held.days > 1"},
                "whole": {"count": "held.whole"},
                "last": {"max": "held.last_on"},
            },
        },
    },
}
_FACTS |= {
    "review": {
        "title": "审查",
        "from": "stay",
        "where": [{"id": "some", "when": "stay.amount > 0 or stay.colour = '红'"}],
        "events": {
            "by": {"stay_no": "stay.stay_no"},
            "start": "stay.began",
            "period": [{"when": "stay.colour = '红'", "period": "1个月"}, {"period": "10日"}],
            "custody": "stay.county = '江南'",
            "end": [
                {"id": "ended", "title": "结束", "on": "stay.ended"},
                {
                    "id": "paid",
                    "title": "交费",
                    "table": "fee",
                    "match": "fee.person = stay.person",
                    "when": "fee.amount > 50",
                    "on": "fee.paid_on",
                },
            ],
            "pauses": [
                {
                    "id": "told",
                    "title": "通知",
                    "table": "notice",
                    "match": "notice.person = stay.person",
                    "when": "notice.colour = '红'",
                    "from": "notice.sent_on",
                    "to": "notice.until",
                },
                {
                    "id": "held",
                    "title": "在押",
                    "table": "custody",
                    "match": "custody.person = stay.person",
                    "from": "custody.went_in",
                    "to": "custody.came_out",
                },
            ],
            "extensions": [
                {
                    "id": "more",
                    "title": "延长",
                    "table": "fee",
                    "as": "more",
                    "match": "more.person = stay.person",
                    "on": "more.voided_on",
                    "period": "半个月",
                }
            ],
            "restarts": [
                {
                    "id": "again",
                    "title": "重算",
                    "table": "grant",
                    "match": "grant.person = stay.person",
                    "when": "grant.colour = '绿'",
                    "on": "grant.from_on",
                }
            ],
        },
    },
    "work": {
        "title": "办理",
        "from": "stay",
        "events": {
            "by": {"chain": "stay.chain", "began": "stay.began"},
            "start": "stay.began",
            "period": "10个工作日",
            "end": [
                {"id": "paid", "title": "交费", "table": "fee", "match": "fee.chain = stay.chain", "on": "fee.paid_on"}
            ],
            "pauses": [
                {
                    "id": "told",
                    "title": "通知",
                    "table": "notice",
                    "match": "notice.person = stay.person",
                    "from": "notice.sent_on",
                    "to": "notice.until",
                }
            ],
            "extensions": [
                {
                    "id": "more",
                    "title": "延长",
                    "table": "fee",
                    "as": "more",
                    "match": "more.chain = stay.chain",
                    "on": "more.voided_on",
                    "period": "3个工作日",
                }
            ],
        },
    },
}
_PARTNERS: list[dict[str, Any]] = [
    {"table": "fee", "as": "f2", "on": "f2.chain = stay.chain"},
    {"table": "fee", "as": "f2", "on": "f2.chain = stay.chain", "when": "f2.amount > 50 and not has(f2.voided_on)"},
    {"table": "fee", "as": "f2", "on": "f2.person = stay.person", "when": "f2.paid_on >= stay.began"},
    {"table": "notice", "as": "n2", "on": "n2.person = stay.person", "when": "has(n2.sent_on)"},
    {
        "table": "notice",
        "as": "n2",
        "on": "n2.person = stay.person and n2.colour = stay.colour",
        "when": "n2.amount > 0 or within(stay.began, n2.sent_on, n2.until)",
    },
    {"table": "stay", "as": "s2", "on": "s2.stay_no = stay.previous_no", "when": "s2.colour = '红'"},
]
_COVERING = ["stay.began", "stay.ended", "coalesce(stay.ended, stay.began)"]


_BASES: list[list[dict[str, str]]] = [
    [{"cite": "甲法 第一条", "from": "@2020-01-01"}],
    [{"cite": "甲法 第一条", "from": "@2020-01-01"}],
    [{"cite": "甲法 第一条", "from": "@2024-02-01"}],
    [{"cite": "甲法 第一条", "from": "@2020-01-01", "to": "@2024-02-01"}],
    [
        {"cite": "甲法 第一条", "from": "@2020-01-01", "to": "@2024-02-01"},
        {"cite": "乙法 第二条", "from": "@2024-03-01"},
    ],
]


@st.composite
def rules(draw: st.DrawFn, index: int) -> dict[str, Any]:
    """One rule; what it joins it also asks about, most of the time."""
    joins, where = [], []
    for name in draw(st.lists(st.sampled_from(sorted(JOINS)), max_size=1 if index % 3 else 2, unique=True)):
        join, more = JOINS[name]
        missing = draw(st.sampled_from(["cannot_tell", "clean"])) if join["table"] == "fee" else "cannot_tell"
        joins.append({**join, "missing": missing})
        where += draw(st.lists(st.sampled_from(more), min_size=0 if index % 4 == 0 else 1, max_size=2, unique=True))
    where += draw(st.lists(st.sampled_from(_STAY), max_size=0 if joins and index % 3 else 1, unique=True))
    parts: dict[str, list[dict[str, Any]]] = {"absent": [], "present": [], "unless": []}
    for number, kind in enumerate(draw(st.lists(st.sampled_from(sorted(parts)), max_size=2))):
        part = dict(draw(st.sampled_from(_PARTNERS)), id=f"{kind}_{number}")
        if kind == "absent":
            dated = part["table"] != "stay"
            part["covering"] = draw(st.sampled_from([*_COVERING, None])) if dated else None
        if kind == "present":
            part["missing"] = draw(st.sampled_from(["cannot_tell", "clean"]))
        parts[kind].append(part)
    if draw(st.integers(0, 3)) == 0:
        parts["unless"].append({"id": "plain", "when": draw(st.sampled_from(_STAY))})
    return {
        "id": f"rule_{index}",
        "title": "规则",
        "kind": "clue",
        "certainty": "V",
        "basis": draw(st.sampled_from(_BASES)),
        "judged_on": draw(st.sampled_from(["stay.began", "stay.began", "stay.began", "stay.ended"])),
        "subject": [draw(st.sampled_from(["stay.stay_no", "stay.person"]))],
        "against": "stay.office",
        "from": "stay",
        "join": joins,
        "where": [{"id": f"w{number}", "when": text} for number, text in enumerate(where)],
        **parts,
        "say": "见{stay.began}。",
        "innocent": ["无"],
        "verify": ["核对"],
    }


MODEL: dict[str, Any] = {
    "id": "random",
    "version": "1.0.0",
    "title": "随机",
    "line": "criminal",
    "summary": "随机",
    "tables": {name: name for name in ("stay", "fee", "notice", "grant", "custody")},
    "params": {"wait": {"type": "days", "default": 91, "title": "天数", "why": "试验"}},
    "facts": _FACTS,
}


@st.composite
def models(draw: st.DrawFn, count: int) -> dict[str, Any]:
    """``model.yaml`` with so many rules, as data; dates are still marked by ``@``."""
    return {**MODEL, "rules": [draw(rules(index)) for index in range(count)]}


def as_yaml(model: dict[str, Any]) -> str:
    """JSON is YAML; dates lose their quotes."""
    return re.sub(r'"@([0-9-]{10})"', r"\1", json.dumps(model, ensure_ascii=False, indent=1))


def _cell(values: list[Any], gaps: int) -> st.SearchStrategy[Any]:
    """A value, or with ``gaps`` chances in about twenty a cell without one."""
    often = max(1, 20 // (len(values) * max(gaps, 1)))
    return st.sampled_from([*values * often, *([BLANK, UNREAD] if gaps else [])])


def _stays(gaps: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = {
        "stay_no": _cell(["一", "二", "三", "四", "五", "六"], gaps),
        "previous_no": st.sampled_from(["一", "二", BLANK, BLANK]),
        "person": _cell(PEOPLE, gaps),
        "county": _cell(["江北", "江北", "江南"], gaps),
        "office": st.just("某局"),
        "colour": _cell(COLOURS, gaps),
        "began": _cell(DAYS, gaps),
        "ended": st.one_of(st.just(BLANK), _cell(DAYS, gaps)),
        "amount": _cell(AMOUNTS, gaps),
        "chain": st.sampled_from([1, 2, 3]),
        "chain_position": st.sampled_from([1, 2]),
        "chain_count": st.just(2),
    }
    one_place = {"unique_by": lambda row: (row["chain"], row["chain_position"])}
    return st.lists(st.fixed_dictionaries(row), min_size=2, max_size=6, **one_place)


def _fees(gaps: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = {
        "stay_no": st.just(BLANK),
        "person": _cell(PEOPLE, gaps),
        "colour": _cell(COLOURS, gaps),
        "paid_on": _cell(DAYS, gaps),
        "voided_on": st.one_of(st.just(BLANK), _cell(DAYS, gaps)),
        "amount": _cell(AMOUNTS, gaps),
        "slip": st.just(BLANK),
        "chain": st.sampled_from([1, 1, 2, 3, BLANK]),
        "chain_position": st.just(BLANK),
        "chain_count": st.just(BLANK),
        "_repeat": st.sampled_from([False, False, True]),
    }
    return st.lists(st.fixed_dictionaries(row), min_size=1, max_size=7)


def _notices(gaps: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = {
        "person": _cell(PEOPLE, gaps),
        "colour": _cell(COLOURS, gaps),
        "sent_on": st.one_of(st.just(BLANK), _cell(DAYS, gaps)),
        "until": st.one_of(st.just(BLANK), _cell(DAYS, gaps)),
        "amount": st.one_of(st.just(BLANK), _cell(AMOUNTS, gaps)),
    }
    return st.lists(st.fixed_dictionaries(row), max_size=4)


def _grants(gaps: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = {
        "person": _cell(PEOPLE[:2], gaps),
        "month": _cell([date(2024, month, 1) for month in (1, 2, 3, 5)], gaps),
        "colour": _cell(COLOURS, gaps),
        "amount": _cell(AMOUNTS, gaps),
        "from_on": _cell(DAYS, gaps),
        "to_on": st.one_of(st.just(BLANK), _cell(DAYS, gaps)),
        "_repeat": st.sampled_from([False, False, True]),
    }
    return st.lists(st.fixed_dictionaries(row), max_size=5)


def _custodies(gaps: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    days = [date(2024, 1, 1), *DAYS, date(2024, 3, 1), date(2024, 4, 1)]
    row = {
        "person": _cell(PEOPLE[:2], gaps),
        "colour": _cell(["红", *COLOURS], gaps),
        "went_in": _cell(days, gaps),
        "came_out": st.one_of(st.just(BLANK), _cell(days, gaps)),
    }
    return st.lists(st.fixed_dictionaries(row), max_size=4)


@st.composite
def _windows(draw: st.DrawFn) -> tuple[Window, ...]:
    first, last = date(2023, 1, 1), draw(st.sampled_from([AS_OF, AS_OF, date(2024, 5, 31), date(2025, 1, 1)]))
    districts = draw(st.sampled_from([None, None, frozenset({"江北"})]))
    if draw(st.booleans()):
        return (Window(first, last, districts),)
    gap = draw(st.sampled_from([date(2024, 2, 1), date(2024, 6, 1)]))
    rest = Window(gap + timedelta(days=29), last, districts) if gap + timedelta(days=29) <= last else None
    return (Window(first, gap, districts), *([rest] if rest else []))


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """Some towns know every cell, so that nothing hides the rest; some know few."""
    gaps = draw(st.sampled_from([0, 1, 1, 3]))
    drawn = {"stay": draw(_stays(gaps)), "fee": draw(_fees(gaps)), "notice": draw(_notices(gaps))}
    drawn |= {"grant": draw(_grants(gaps)), "custody": draw(_custodies(gaps))}
    tables = {
        name: [{**row, "_row": number} for number, row in enumerate(rows, start=1)] for name, rows in drawn.items()
    }
    doubts = frozenset(draw(st.sampled_from([[], [], [1], [2, 3]])))
    coverage = {name: draw(_windows()) for name in drawn}
    return Town(tables, {"fee": doubts}, coverage, AS_OF)
