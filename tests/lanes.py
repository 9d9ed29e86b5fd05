"""Lanes of the suite that need more than Python: skipped by name where that is missing, never skipped with CI=true."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache

import pytest


@cache
def spark_lacks() -> str:
    """What the Spark lane lacks on this machine; empty if nothing."""
    if importlib.util.find_spec("pyspark") is None:
        return "PySpark is not installed (extra: spark)"
    java = shutil.which("java")
    if java is None:
        return "Java 17 or later was not found"
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    if found is None or int(found[1]) < 17:
        return "Java is older than 17"
    return ""


LANES: dict[str, Callable[[], str]] = {"spark": spark_lacks}


def pytest_runtest_setup(item: pytest.Item) -> None:
    for lane, lacks in LANES.items():
        if item.get_closest_marker(lane) is not None and (why := lacks()):
            if os.environ.get("CI") == "true":
                pytest.fail(f"lane {lane}: {why}; with CI=true no lane is skipped", pytrace=False)
            pytest.skip(f"lane {lane}: {why}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])]
    for reason in sorted({reason.removeprefix("Skipped: ") for reason in reasons}):
        terminalreporter.write_line(f"skipped: {reason} ({reasons.count('Skipped: ' + reason)} tests)", yellow=True)
