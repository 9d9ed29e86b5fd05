"""Pictures of a replay as SVG: text stays text, one picture serves page and report.

Altair and vl-convert are brought in here, when a picture is drawn and not before.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FONTS = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, WenQuanYi Micro Hei, SimHei, sans-serif"
"""Whoever looks at the picture has one of these; the picture itself carries none."""

OTHERS = "其他规则"

_VEGA_LITE = "6.1"
_WIDTH = 720
_LABEL = 11  # points, which a Chinese character is wide
_MOST_LABELS = 26
_COLOURS = ("#1F4E9E", "#C27C0E", "#3B7D4F", "#8C4A8C", "#5B9BC4", "#A64B3C", "#9C9A2E", "#3FA39A", "#C08FA6")
_GREY = "#BBBBBB"
_KEPT, _ADDED, _REMOVED = "#9DB2CF", "#1F4E9E", "#C27C0E"
_SAME, _MORE, _LESS = "与现用值相同", "增加", "减少"


def weeks_picture(record: Mapping[str, Any]) -> str:
    """Of a backtest record: the clues of every day and those new that day, by rule; many small rules are one."""
    import altair as alt

    rows, named = _by_rule(record)
    days = list(record["as_of"])
    step = -(-len(days) // _MOST_LABELS)
    shown = [day for place, day in enumerate(reversed(days)) if place % step == 0]
    colours = [_GREY if name == OTHERS else _COLOURS[place] for place, name in enumerate(named)]
    base = alt.Chart(_inline(rows)).mark_bar(stroke="white", strokeWidth=0.4)
    base = base.encode(
        x=alt.X("day:O", scale=alt.Scale(domain=days), axis=alt.Axis(values=shown, labelAngle=-60, title=None)),
        color=alt.Color("rule:N", title="规则", scale=alt.Scale(domain=named, range=colours), sort=named),
        order=alt.Order("place:Q"),
    )
    clues = base.encode(y=_counts("clues", "疑似问题（条）"))
    clues = clues.properties(width=_WIDTH, height=220, title=f"{record['title']}：各基准日的疑似问题")
    new = base.properties(data=_inline([row for row in rows if row["day"] != days[0]]))
    new = new.encode(y=_counts("new", "新增（条）"))
    new = new.properties(width=_WIDTH, height=150, title="其中以前各基准日都没有的（第一个基准日全是存量，不画）")
    return _svg(alt.vconcat(clues, new), right=named)


def sensitivity_picture(record: Mapping[str, Any]) -> str:
    """For every parameter that was varied: what each value keeps, adds and removes. The record must have varied one."""
    import altair as alt

    by_param: dict[str, list[Mapping[str, Any]]] = {}
    for one in record["sensitivity"]:
        by_param.setdefault(one["param"], []).append(one)
    panels, names = [], []
    for param, values in by_param.items():
        rows = []
        labels = [one["shown"] for one in values]
        for name, one in zip(labels, values, strict=True):
            kept, more, less = one["clues"] - one["added"], one["added"], one["removed"]
            for part, start, end in ((_SAME, 0, kept), (_MORE, kept, kept + more), (_LESS, -less, 0)):
                if start != end:
                    rows.append({"value": name, "part": part, "from": start, "to": end, "count": end - start})
        panels.append(_panel(f"{values[0]['title']}（{param}）", rows, labels))
        names += labels
    return _svg(alt.vconcat(*panels).resolve_scale(x="independent"), left=names, right=[_SAME])


def _by_rule(record: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """A row a day and rule that found something, and the rules in order; the smallest together, if there are many."""
    titles = {rule["rule"]: rule["title"] for rule in record["rules"] if rule["kind"] in record["counted"]}
    most: Counter[str] = Counter()
    for week in record["weeks"]:
        for one in week["rules"]:
            if one["rule"] in titles and one["clues"]:
                most[one["rule"]] = max(most[one["rule"]], one["clues"])
    own = {rule for rule, _ in most.most_common(len(_COLOURS) - (len(most) > len(_COLOURS)))}
    named = [titles[rule] for rule in titles if rule in own] + [OTHERS] * (len(most) > len(own))
    rows = []
    for week in record["weeks"]:
        counted: dict[str, Counter[str]] = {name: Counter() for name in named}
        for one in week["rules"]:
            if one["rule"] in most:
                name = titles[one["rule"]] if one["rule"] in own else OTHERS
                counted[name].update(clues=one["clues"], new=one["new"])
        rows += [
            {"day": week["as_of"], "rule": name, "place": place, "clues": count["clues"], "new": count["new"]}
            for place, (name, count) in enumerate(counted.items())
        ]
    return rows, named


def _panel(title: str, rows: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> Any:
    import altair as alt

    parts = {_SAME: _KEPT, _MORE: _ADDED, _LESS: _REMOVED}
    axis = alt.Axis(labelLimit=0, labelPadding=6)
    y = alt.Y("value:N", title=None, scale=alt.Scale(domain=list(labels)), axis=axis)
    bars = alt.Chart(_inline(rows)).mark_bar(height={"band": 0.62})
    bars = bars.encode(
        y=y,
        x=alt.X("from:Q", title="疑似问题（条）；零线左边是减少的", axis=alt.Axis(format="d", tickMinStep=1)),
        x2="to:Q",
        color=alt.Color("part:N", title=None, scale=alt.Scale(domain=list(parts), range=list(parts.values()))),
    )
    text = alt.Chart(_inline(rows)).transform_calculate(middle="(datum.from + datum.to) / 2")
    text = text.mark_text(fontSize=_LABEL).encode(
        y=y,
        x="middle:Q",
        text="count:Q",
        color=alt.condition(f"datum.part == '{_SAME}'", alt.value("#222222"), alt.value("#FFFFFF")),
    )
    return (bars + text).properties(width=_WIDTH, height=34 * len(labels) + 10, title=title)


def _counts(name: str, title: str) -> Any:
    import altair as alt

    return alt.Y(f"{name}:Q", title=title, axis=alt.Axis(format="d", tickMinStep=1))


def _inline(rows: Sequence[Mapping[str, Any]]) -> Any:
    import altair as alt

    return alt.InlineData(values=[dict(row) for row in rows])


def _svg(chart: Any, *, left: Iterable[str] = (), right: Iterable[str] = ()) -> str:
    """``left`` and ``right``: what is written at the edges. A machine without Chinese fonts measures it too narrow, and
    the picture may be looked at on another: so there is room to spare.
    """
    import vl_convert

    room = {"left": _spare(left), "right": _spare(right), "top": 5, "bottom": 5}
    look = chart.properties(padding=room).configure(font=FONTS, background="white")
    look = look.configure_title(anchor="start", fontSize=14).configure_view(stroke="#DDDDDD")
    look = look.configure_axis(labelFontSize=_LABEL, titleFontSize=_LABEL, titleFontWeight="normal")
    look = look.configure_legend(labelFontSize=_LABEL, titleFontSize=_LABEL, labelLimit=0)
    return str(vl_convert.vegalite_to_svg(look.to_dict(), vl_version=_VEGA_LITE, allowed_base_urls=[]))


def _spare(texts: Iterable[str]) -> int:
    wide = max((sum(unicodedata.east_asian_width(one) in "WF" for one in text) for text in texts), default=0)
    return 8 + wide * _LABEL // 2
