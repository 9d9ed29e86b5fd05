"""Lines of points on two logarithmic scales, as SVG without a library: plain enough for any viewer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 420, 70, 110, 20, 50
COLOURS = ("#1f5fa8", "#b3541e", "#3d7a3d")


@dataclass(frozen=True, slots=True)
class Line:
    """A title and its points."""

    title: str
    points: Mapping[int, float]


def picture(lines: Sequence[Line], across: str, up: str) -> str:
    """The SVG: decades as a grid, every point with its value."""
    xs = [x for line in lines for x in line.points]
    ys = [y for line in lines for y in line.points.values()]
    left, right = math.floor(math.log10(min(xs))), math.ceil(math.log10(max(xs)))
    low, high = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))

    def place(x: float, y: float) -> tuple[float, float]:
        along = (math.log10(x) - left) / (right - left)
        upward = (math.log10(y) - low) / (high - low)
        return LEFT + along * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - upward * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
        ' font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for power in range(left, right + 1):
        x, bottom = place(10.0**power, 10.0**low)
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18:.1f}" text-anchor="middle">{_power(power)}</text>')
    for power in range(low, high + 1):
        start, y = place(10.0**left, 10.0**power)
        parts.append(f'<line x1="{start:.1f}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{start - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    for colour, line in zip(COLOURS, lines, strict=False):
        parts += _drawn(line, colour, [(*place(x, y), y) for x, y in sorted(line.points.items())])
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle:.0f}" y="{HEIGHT - 10}" text-anchor="middle">{across}</text>')
    turned = f'transform="rotate(-90 18 {HEIGHT / 2:.0f})" text-anchor="middle"'
    parts.append(f'<text x="18" y="{HEIGHT / 2:.0f}" {turned}>{up}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _drawn(line: Line, colour: str, points: Sequence[tuple[float, float, float]]) -> Iterator[str]:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, y, value in points:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
        yield f'<text x="{x - 8:.1f}" y="{y - 8:.1f}" text-anchor="end" fill="{colour}">{value:.3g}</text>'
    x, y, _ = points[-1]
    yield f'<text x="{x + 10:.1f}" y="{y + 4:.1f}" fill="{colour}">{line.title}</text>'


def _power(power: int) -> str:
    return "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
