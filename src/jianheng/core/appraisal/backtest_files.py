"""The folder that a replay leaves: ``backtest.json`` comes last, as ``run.json`` does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from jianheng.core.appraisal.backtest import BacktestReport
from jianheng.core.appraisal.backtest_book import write_backtest_book
from jianheng.core.appraisal.backtest_record import backtest_record
from jianheng.core.appraisal.pictures import sensitivity_picture, weeks_picture
from jianheng.core.foundation.progress import Progress
from jianheng.core.screening.pipeline import writing_results

RECORD = "backtest.json"
BOOK = "backtest.xlsx"
WEEKS = "weeks.svg"
SENSITIVITY = "sensitivity.svg"


def write_backtest(report: BacktestReport, out: Path, progress: Progress) -> dict[str, Any]:
    """Write the results to ``out``, taking the place of earlier ones; the record."""
    record = backtest_record(report)
    progress.step("写出结果")
    with writing_results(out, RECORD, stale=[SENSITIVITY]) as aside:
        write_backtest_book(aside / BOOK, report, record)
        (aside / WEEKS).write_text(weeks_picture(record), encoding="utf-8")
        if record["sensitivity"]:
            (aside / SENSITIVITY).write_text(sensitivity_picture(record), encoding="utf-8")
        (aside / RECORD).write_bytes(orjson.dumps(record))
    return record
