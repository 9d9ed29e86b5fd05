"""Case checks as an analyst writes them with pandas: a log of all events, grouped by case, a function for each case.

The log has a row an event with the columns of its table; what a table has no column for is blank. The function looks
at the rows of one case and names the checks that it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from chinese_calendar import is_workday

Subject = tuple[str, ...]
Frame = Any
REAL = {"不起诉", "法定不起诉", "相对不起诉", "存疑不起诉", "特别不起诉", "考验期满不起诉"}
GUIDE, PENALTY_LAW = date(2024, 11, 26), date(2021, 7, 15)  # what came before is not judged by them
OTHERWISE_CLOSED = {"此前已处罚", "移送其他机关", "不予立案"}


@cache
def works(day: date) -> bool:
    """Whether offices work on ``day``; past the published years only weekends are known."""
    try:
        return bool(is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


@cache
def working_days_later(day: date, count: int) -> date:
    """The last of ``count`` working days that follow ``day``."""
    while count:
        day += timedelta(days=1)
        count -= works(day)
    return day


@cache
def days_later(day: date, count: int) -> date:
    """``count`` days later, or the first working day after that."""
    day += timedelta(days=count)
    while not works(day):
        day += timedelta(days=1)
    return day


def years_later(day: date, count: int) -> date:
    """The same day ``count`` years later."""
    try:
        return day.replace(year=day.year + count)
    except ValueError:
        return date(day.year + count, 2, 28)


def _known(value: Any) -> bool:
    return value is not None and value == value  # neither None nor NaN


def check_nonprosecution(case: Frame, as_of: date) -> list[tuple[str, Subject]]:
    """What is wrong with one case that was not prosecuted."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in case.to_dict("records"):
        rows.setdefault(row["table"], []).append(row)
    found: list[tuple[str, Subject]] = []
    reviews, opinions = rows.get("reverse_review", []), rows.get("procuratorial_opinion", [])
    results, challenges = rows.get("agency_result", []), rows.get("nonprosecution_challenge", [])
    for np in rows.get("nonprosecution", []):
        subject = (np["decision_no"],)
        revoked, due = _known(np["revoked_on"]), working_days_later(np["decided_on"], 3)
        of_it = {
            name: [row for row in table if row["chain_position"] == np["chain_position"]]
            for name, table in (("review", reviews), ("opinion", opinions), ("result", results))
        }
        if np["kind"] in REAL and np["decided_on"] >= GUIDE:
            seen = any(_known(row["handed_over_on"]) or _known(row["registered_on"]) for row in reviews)
            if due < as_of and not seen and not revoked:
                found.append(("not_handed_over", subject))
            in_time = any(_known(row["handed_over_on"]) and row["handed_over_on"] <= due for row in reviews)
            late = any(_known(row["handed_over_on"]) and due < row["handed_over_on"] for row in of_it["review"])
            if late and not in_time:
                found.append(("handed_over_late", subject))
        for review in of_it["review"]:
            if _late_review(review, challenges, as_of) and not revoked:
                found.append(("review_late", subject))
            written = any(_known(row["opinion_no"]) or _known(row["issued_on"]) for row in opinions)
            needed = review["conclusion"] == "提出检察意见" and _known(review["concluded_on"])
            if needed and review["concluded_on"] < as_of and not written and not revoked:
                found.append(("opinion_not_issued", subject))
        for result in of_it["result"]:
            if _late_decision(result, as_of):
                found.append(("penalty_decision_late", subject))
            over = np["offence_ended_on"] if _known(np["offence_ended_on"]) else np["offence_on"]
            punished = result["outcome"] == "行政处罚" or _known(result["penalty_no"])
            punished = punished and _known(result["decided_on"]) and result["decided_on"] >= PENALTY_LAW
            if punished and _known(np["discovered_on"]) and _known(over) and np["discovered_on"] > years_later(over, 5):
                found.append(("discovered_after_five_years", subject))
    return found


def _late_review(review: dict[str, Any], challenges: list[dict[str, Any]], as_of: date) -> bool:
    if not _known(review["registered_on"]) or review["registered_on"] < GUIDE:
        return False
    end = review["concluded_on"] if _known(review["concluded_on"]) else as_of
    if _review_due(review, as_of) >= end:
        return False
    extended = _known(review["extended_to"]) and end <= review["extended_to"]
    challenged = not _known(review["resumed_on"]) and any(
        row["filed_on"] <= end and (not _known(row["ended_on"]) or row["ended_on"] >= review["registered_on"])
        for row in challenges
    )
    return not (extended or challenged)


def _review_due(review: dict[str, Any], as_of: date) -> date:
    """Ten working days and those of every pause that began before they were over; pauses that touch are one."""
    start, pauses = review["registered_on"], []
    for first, last in (("suspended_on", "resumed_on"), ("consulted_on", "answered_on")):
        if _known(review[first]):
            pauses.append((review[first], review[last] if _known(review[last]) else as_of))
    merged: list[tuple[date, date]] = []
    for begun, over in sorted(pause for pause in pauses if pause[0] <= pause[1]):
        if merged and begun <= merged[-1][1] + timedelta(days=1):
            merged[-1] = (merged[-1][0], max(over, merged[-1][1]))
        else:
            merged.append((begun, over))
    count, due = 10, working_days_later(start, 10)
    for begun, over in merged:
        begun = max(begun, start + timedelta(days=1))
        if begun <= due and over > start:
            count += sum(works(begun + timedelta(days=n)) for n in range((over - begun).days + 1))
            due = working_days_later(start, count)
    return due


def _late_decision(result: dict[str, Any], as_of: date) -> bool:
    if not _known(result["filed_on"]) or result["filed_on"] < PENALTY_LAW:
        return False
    end = result["decided_on"] if _known(result["decided_on"]) else as_of
    if days_later(result["filed_on"], 90) >= end:
        return False
    extended = _known(result["extended_to"]) and end <= result["extended_to"]
    return not extended and not (result["outcome"] in OTHERWISE_CLOSED and not _known(result["decided_on"]))


INVESTIGATORS = {"police", "state_security", "coast_guard", "military_security", "prison"}
CODE = date(2018, 10, 26)
ENDED_OTHERWISE = {"撤回提请", "移送他院"}


@cache
def month_later(day: date) -> date:
    """The same day of the next month or its last, or the first working day after that."""
    end = (pd.Timestamp(day) + pd.DateOffset(months=1)).date()
    if (day + timedelta(days=1)).month != day.month:
        end = (pd.Timestamp(end) + pd.offsets.MonthEnd(0)).date()
    while not works(end):
        end += timedelta(days=1)
    return end


def check_year(case: Frame, as_of: date) -> list[tuple[str, Subject]]:
    """Which periods of one criminal case were overrun: the decision on arrest, the supplementary investigation."""
    found: list[tuple[str, Subject]] = []
    for row in case.to_dict("records"):
        if row["table"] == "arrest_review" and row["requested_by_kind"] in INVESTIGATORS and row["accepted_on"] >= CODE:
            held = _known(row["detained_on"])
            days = 7 if held else 20 if row["complex"] is True else 15
            due = row["accepted_on"] + timedelta(days=days) if held else days_later(row["accepted_on"], days)
            done = row["decided_on"] if _known(row["decided_on"]) else as_of
            withdrawn = not _known(row["decided_on"]) and row["result"] in ENDED_OTHERWISE
            if done > due and not withdrawn:
                found.append(("arrest_review_late", (row["case_no"], row["person_name"])))
        if row["table"] == "supplementary_return" and _known(row["returned_on"]) and row["returned_on"] >= CODE:
            ends = [row[name] for name in ("resubmitted_on", "dropped_on") if _known(row[name])]
            in_order = not (_known(row["resubmitted_on"]) and row["resubmitted_on"] < row["returned_on"])
            ends = [day for day in ends if day >= row["returned_on"]]
            if in_order and (min(ends) if ends else as_of) > month_later(row["returned_on"]):
                found.append(("supplement_late", (row["case_no"],)))
    return found


_NONPROSECUTION = ("not_handed_over", "handed_over_late", "review_late", "opinion_not_issued", "penalty_decision_late",
                   "discovered_after_five_years")  # fmt: skip
CHECKS: Mapping[str, tuple[str, ...]] = {
    "penalty_after_nonprosecution": _NONPROSECUTION,
    "criminal_year_screen": ("arrest_review_late", "supplement_late"),
}
"""Model -> the rules that are asked here too."""
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "penalty_after_nonprosecution": (
        "table", "chain", "chain_position", "decision_no", "kind", "decided_on", "revoked_on", "offence_on",
        "offence_ended_on", "discovered_on", "handed_over_on", "registered_on", "suspended_on", "resumed_on",
        "consulted_on", "answered_on", "extended_to", "concluded_on", "conclusion", "opinion_no", "issued_on",
        "filed_on", "ended_on", "outcome", "penalty_no",
    ),
    "criminal_year_screen": (
        "table", "case_no", "person_name", "requested_by_kind", "accepted_on", "detained_on", "complex", "decided_on",
        "result", "returned_on", "resubmitted_on", "dropped_on",
    ),
}  # fmt: skip
"""Model -> the columns of its log that the checks look at."""
_FUNCTIONS: Mapping[str, tuple[str, Callable[[Frame, date], list[tuple[str, Subject]]]]] = {
    "penalty_after_nonprosecution": ("chain", check_nonprosecution),
    "criminal_year_screen": ("case_no", check_year),
}


def log_of(model: str, paths: Mapping[str, Path]) -> Frame:
    """All rows of all tables that know their case, one under the other, with the columns that matter."""
    key, _ = _FUNCTIONS[model]
    tables = []
    for name, path in paths.items():
        frame = pd.read_parquet(path)
        if key in frame:
            tables.append(frame.assign(table=name))
    return pd.concat(tables, ignore_index=True).dropna(subset=[key])[list(_COLUMNS[model])]


def suspected(model: str, log: Frame, as_of: date) -> dict[str, set[Subject]]:
    """Rule -> the subjects that fail it."""
    key, check = _FUNCTIONS[model]
    found: dict[str, set[Subject]] = {rule: set() for rule in CHECKS[model]}
    for answers in log.groupby(key, sort=False)[list(log.columns)].apply(lambda case: check(case, as_of)):
        for rule, subject in answers:
            found[rule].add(subject)
    return found
