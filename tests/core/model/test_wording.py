"""Expressions put into Chinese the way a prosecutor would say them."""

from __future__ import annotations

from pathlib import Path

import pytest

from jianheng.core.model.wording import Wording
from tests.core.model.test_shapes import MODEL, read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("coalesce(stay.ended, stay.began)", "结束日期，没有则用开始日期"),
        ("coalesce(stay.amount < 500, false)", "应交金额小于500（空白的不算）"),
        ("coalesce(stay.amount < 500, true)", "应交金额小于500（空白的也算）"),
    ],
)
def test_what_stands_in_for_an_empty_cell_is_said(text: str, words: str, tmp_path: Path) -> None:
    model = read(tmp_path, MODEL)
    scope = model.base_scope().adding(model.alias("stay"))
    assert Wording(model, scope, "stay").of(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stay.amount < 500 or unknown", "应交金额小于500，否则不能确定"),
        ("has(stay.ended) or stay.amount < 500 and unknown", "有结束日期，或者应交金额小于500（这时不能确定）"),
    ],
)
def test_what_cannot_be_told_is_said_so(text: str, words: str, tmp_path: Path) -> None:
    model = read(tmp_path, MODEL)
    scope = model.base_scope().adding(model.alias("stay"))
    assert Wording(model, scope, "stay").of(text) == words
