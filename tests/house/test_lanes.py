"""The lanes themselves: run on a tiny suite of their own."""

import pytest

pytest_plugins = ["pytester"]

SUITE = """
    import pytest
    @pytest.mark.spark
    def test_of_the_second_engine(): pass
    def test_of_plain_python(): pass
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setattr("tests.lanes.LANES", {"spark": lambda: "Java was taken away"})
    pytester.makeini("[pytest]\nmarkers = spark: needs Java")
    pytester.makepyfile(SUITE)
    return pytester


def test_a_lane_that_cannot_run_is_skipped_by_name(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    result = suite.runpytest_inprocess("-p", "tests.lanes")
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["skipped: lane spark: Java was taken away (1 tests)"])


def test_with_ci_set_a_lane_that_cannot_run_fails(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    result = suite.runpytest_inprocess("-p", "tests.lanes")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*lane spark: Java was taken away; with CI=true no lane is skipped*"])


def test_a_lane_that_can_run_does(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.lanes.LANES", {"spark": lambda: ""})
    suite.runpytest_inprocess("-p", "tests.lanes").assert_outcomes(passed=2)
