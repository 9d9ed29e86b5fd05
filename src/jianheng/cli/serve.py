"""``jianheng serve``."""

from __future__ import annotations

from jianheng.cli.exit_codes import ExitCode
from jianheng.cli.options import Json
from jianheng.core import api

EXAMPLES = "jianheng serve"


def serve(json: Json = False) -> ExitCode:
    """网页工作台，尚未提供。"""
    hint = "目前请用 jianheng screen，结果在 clues.xlsx 中查看。"
    raise api.UsageProblem(api.Problem("U109", "网页工作台尚未提供。", hint=hint))
