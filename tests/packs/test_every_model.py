"""What holds for every supervision model that ships: each rule tells a person what to do, has cases, cites real law."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from jianheng.core.model.explain import explain_rule
from jianheng.core.model.read import read_model
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.pack.shelf import find_packs, shipped_packs
from jianheng.core.screening.cases import Case, read_cases
from jianheng.core.terms.lexicon import read_lexicon

STATUTES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "statutes"
ARTICLE = re.compile(r"(?P<law>.+) (?P<article>第[零一二三四五六七八九十百]+条)")
TITLES = {
    "刑事诉讼法": "刑事诉讼法(2018-10-26)",
    "人民检察院刑事诉讼规则": "人民检察院刑事诉讼规则(2019-12-02)",
    "最高人民法院关于适用《刑事诉讼法》的解释": "最高人民法院关于适用《刑事诉讼法》的解释(2021-01-26)",
    "行政处罚法": "行政处罚法(2021-01-22)",
    "民事诉讼法": "民事诉讼法(2023-09-01)",
    "道路交通安全法": "道路交通安全法(2021-04-29)",
}
ENDINGS = {"clue": "请核实。", "conflict": "核对。", "list": "不是违法线索。", "hint": "仅供参考。"}


@cache
def models() -> dict[str, SupervisionModel]:
    packs = find_packs([shipped_packs()])
    lexicon = read_lexicon(packs)
    found = [read_model(folder, lexicon) for pack in packs for folder in pack.folders("models")]
    return {model.id: model for model in found}


def rules_with(cases: Iterator[Case], verdicts: set[str]) -> set[str]:
    """The rules of which a case expects one of the verdicts."""
    return {
        rule
        for case in cases
        for rule, expectations in case.expect.items()
        if any(expected.verdict in verdicts for expected in expectations)
    }


EVERY_MODEL = pytest.mark.parametrize("name", models())


@EVERY_MODEL
def test_every_rule_tells_a_person_what_to_do(name: str) -> None:
    for rule in models()[name].spec.rules:
        assert rule.say.rstrip().endswith(ENDINGS[rule.kind]), rule.id
        assert len(rule.innocent) >= 2 and len(rule.verify) >= 2, rule.id


@EVERY_MODEL
def test_every_rule_has_a_case_that_hits_and_one_that_does_not(name: str) -> None:
    model = models()[name]
    rules = {rule.id for rule in model.spec.rules}
    assert rules_with(iter(read_cases(model)), {"hit"}) == rules
    assert rules_with(iter(read_cases(model)), {"clean", "cannot_tell"}) == rules


@EVERY_MODEL
def test_every_rule_has_a_hit_that_may_be_planted_on_other_days(name: str) -> None:
    model = models()[name]
    movable = (case for case in read_cases(model) if case.plant and case.move != (0, 0))
    assert rules_with(movable, {"hit"}) == {rule.id for rule in model.spec.rules}


@EVERY_MODEL
def test_the_readme_names_every_rule(name: str) -> None:
    model = models()[name]
    text = (model.folder / "README.md").read_text(encoding="utf-8")
    assert [rule.title for rule in model.spec.rules if rule.title not in text and rule.kind != "hint"] == []


@EVERY_MODEL
def test_every_parameter_that_counts_says_what_it_counts(name: str) -> None:
    of_unlike_things = {"public_rental_misuse": {"idle_quantity"}}  # tons of water, kilowatt hours, cubic metres of gas
    params = models()[name].spec.params
    assert {one for one, param in params.items() if not param.measure} == of_unlike_things.get(name, set())


@EVERY_MODEL
def test_the_page_of_a_rule_shows_words_where_its_conditions_have_codes(name: str) -> None:
    model = models()[name]
    pages = [explain_rule(model, rule).text() for rule in model.spec.rules]
    assert [code for page in pages for code in re.findall(r"「[a-z_]+」", page)] == []


@pytest.mark.parametrize("kind", ["tables", "codes", "models"])
def test_no_two_packs_use_one_name_for_different_things(kind: str) -> None:
    names = Counter(path.stem for path in shipped_packs().glob(f"*/{kind}/*"))
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.skipif(not STATUTES.is_dir(), reason="法律文本不在手边")
def test_every_cited_article_of_a_statute_at_hand_exists() -> None:
    cites = {basis.cite for model in models().values() for rule in model.spec.rules for basis in rule.basis}
    at_hand = {cite for cite in cites if cite.partition(" ")[0] in TITLES}
    for cite in sorted(at_hand):
        found = ARTICLE.fullmatch(cite)
        assert found is not None, cite
        text = (STATUTES / f"{TITLES[found['law']]}.md").read_text(encoding="utf-8")
        assert re.search(rf"^{found['article']}\s", text, re.MULTILINE), cite
    assert len(at_hand) >= 10
