"""Conditions put together as trees, so that what is always true costs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jianheng.core.compiler.render import Renderer
from jianheng.core.model import expression as ast
from jianheng.core.model.scope import columns_of
from jianheng.core.model.spec import Condition

ALWAYS = ast.Literal(0, True)


def is_true(node: ast.Node) -> bool:
    """Whether ``node`` is the literal true."""
    return isinstance(node, ast.Literal) and node.value is True


def both_of(left: ast.Node, right: ast.Node) -> ast.Node:
    """``left and right``."""
    if is_true(left):
        return right
    return left if is_true(right) else ast.Binary(0, "and", left, right)


def not_false(node: ast.Node, renderer: Renderer) -> str:
    """SQL that is TRUE where ``node`` may hold; parts that cannot be NULL are left bare, so that filters come early."""
    if isinstance(node, ast.Binary) and node.operator in ("and", "or"):
        left, right = not_false(node.left, renderer), not_false(node.right, renderer)
        return f"({left} {node.operator.upper()} {right})"
    truth = renderer.truth(node)
    return f"({truth} IS NOT FALSE)" if renderer.nullable(node) else truth


def conditions_of(conditions: Sequence[Condition], renderer: Renderer) -> ast.Node:
    """All conditions as one tree."""
    tree: ast.Node = ALWAYS
    for condition in conditions:
        tree = both_of(tree, renderer.expression(condition.when))
    return tree


def aliases_of(nodes: Iterable[ast.Node]) -> set[str]:
    """The row aliases whose columns ``nodes`` name."""
    return {column.alias for node in nodes for column in columns_of(node)}
