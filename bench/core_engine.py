"""Four plain rules over a register with CDISC CORE, run by the Python of the environment that CORE is installed in.

    PYTHON_OF_CORE bench/core_engine.py bail_decision.parquet deposit_refund.parquet

Prints one JSON document: CPU seconds of each rule and its subjects, what reading the tables took, the peak in MiB. The
rules are in CORE's own form, as they stand in its YAML files, and are evaluated by the engine that it names for tables
in memory; its reader of clinical data sets and its library of standards are not needed for that. The values of another
table, which its operation ``distinct`` would bring, are put beside the rows as that operation does.
"""

from __future__ import annotations

import json
import logging
import sys
from time import process_time
from typing import Any

import pandas as pd

COUNTIES = [f"9999{number:02d}" for number in range(1, 12)]
CHECKS: dict[str, list[dict[str, Any]]] = {
    "order": [{"name": "ended_on", "operator": "date_greater_than", "value": "due_on"}],
    "not_listed": [{"name": "county", "operator": "is_not_contained_by", "value": COUNTIES}],
    "not_unique": [{"name": "case_no", "operator": "is_not_unique_set", "value": ["person_id"]}],
    "no_record": [
        {"name": "guarantee", "operator": "equal_to", "value": "保证金", "value_is_literal": True},
        {"name": "ended_on", "operator": "non_empty"},
        {"name": "bail_no", "operator": "is_not_contained_by", "value": "$refunded"},
    ],
}
COLUMNS = ["bail_no", "case_no", "person_id", "county", "guarantee", "ended_on", "due_on"]


def metadata(rule: str) -> dict[str, Any]:
    """The rule as CORE publishes its own."""
    standard = {"Name": "plain", "Version": "1", "References": [{"Rule_Identifier": {"Id": rule}}]}
    return {
        "Core": {"Id": rule, "Version": "1", "Status": "Draft"},
        "Description": rule,
        "Sensitivity": "Record",
        "Rule_Type": "Record Data",
        "Scope": {"Domains": {"Include": ["ALL"]}, "Classes": {"Include": ["ALL"]}},
        "Authorities": [{"Organization": "bench", "Standards": [standard]}],
        "Check": {"all": CHECKS[rule]},
        "Outcome": {"Message": rule, "Output_Variables": ["bail_no"]},
    }


def main() -> None:
    """Read, run, print."""
    from business_rules.engine import run
    from cdisc_rules_engine.models.actions import COREActions
    from cdisc_rules_engine.models.dataset.pandas_dataset import PandasDataset
    from cdisc_rules_engine.models.dataset_variable import DatasetVariable
    from cdisc_rules_engine.models.rule import Rule
    from cdisc_rules_engine.models.sdtm_dataset_metadata import SDTMDatasetMetadata

    logging.disable(logging.CRITICAL)
    bails, refunds = sys.argv[1:]
    begun = process_time()
    frame = pd.read_parquet(bails, columns=COLUMNS)
    for name in ("ended_on", "due_on"):  # its dates are text
        frame[name] = frame[name].map(lambda day: day.isoformat() if day is not None else "")
    refunded = set(pd.read_parquet(refunds, columns=["bail_no"])["bail_no"])
    frame["$refunded"] = pd.Series([refunded] * len(frame), index=frame.index)
    read = process_time() - begun
    data = SDTMDatasetMetadata(name="BAIL", label="bails", first_record=frame.iloc[0].to_dict())
    variable = DatasetVariable(PandasDataset(data=frame), column_prefix_map={"--": "BA"})
    seconds, subjects = {}, {}
    for name in CHECKS:
        rule = Rule.from_cdisc_metadata(metadata(name))
        found: list[dict[str, Any]] = []
        actions = COREActions(
            output_container=found, variable=variable, dataset_metadata=data, rule=rule, value_level_metadata=None
        )
        begun = process_time()
        run(rule=rule, defined_variables=variable, defined_actions=actions)
        seconds[name] = process_time() - begun
        subjects[name] = sorted({error["value"]["bail_no"] for one in found for error in one["errors"]})
    print(json.dumps({"read": read, "seconds": seconds, "subjects": subjects, "peak": peak_mib()}))


def peak_mib() -> float:
    """As ``bench.measure`` counts it, which this environment cannot import."""
    with open("/proc/self/status", encoding="utf-8") as status:
        (peak,) = (line for line in status if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024


if __name__ == "__main__":
    main()
