"""Lines of points on two logarithmic scales, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A title and its points."""

    title: str
    points: Mapping[int, float]


def picture(lines: Sequence[Line], across: str, up: str) -> str:
    """The SVG: decades as a grid, every point with its value."""
    import altair as alt
    import vl_convert

    rows = [
        {"line": line.title, "x": x, "y": y, "value": f"{y:.2g}" if y < 10 else f"{y:,.0f}"}
        for line in lines
        for x, y in line.points.items()
    ]
    scales = [alt.Axis(format=text, title=title) for text, title in ((".0e", across), ("~r", up))]
    base = alt.Chart(alt.InlineData(rows)).encode(
        x=alt.X("x:Q", scale=alt.Scale(type="log"), axis=scales[0]),
        y=alt.Y("y:Q", scale=alt.Scale(type="log"), axis=scales[1]),
        color=alt.Color("line:N", title=None),
    )
    values = base.mark_text(align="right", dx=-8, dy=-6).encode(text="value:N")
    chart = alt.layer(base.mark_line(point=True), values).properties(width=520, height=320)
    return str(vl_convert.vegalite_to_svg(chart.to_dict()))
