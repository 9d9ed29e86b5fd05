"""One flag: ``pytest tests/core/compiler --refresh-golden`` writes the golden files anew, to be read as a diff."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--refresh-golden", action="store_true", default=False, help="write the golden files anew")
