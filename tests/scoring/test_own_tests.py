"""Tests that a site's own code registers, as docs/extending.md shows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.scoring.builders import held, make_contact, make_score, rule_row
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.scoring import tests as registry
from wagtail_salesforce.scoring.building import fits
from wagtail_salesforce.scoring.compile import compile_rule
from wagtail_salesforce.scoring.rule_words import rule_text
from wagtail_salesforce.scoring.tests import Takes, register_test
from wagtail_salesforce.scoring.validate import rule_problems


DOCS = Path(__file__).resolve().parents[2] / "docs" / "extending.md"
WORK = {"field": "email", "test": "is_work_address", "points": 10}


@pytest.fixture(autouse=True)
def _clean():
    tables = {kind: dict(table) for kind, table in registry.TESTS.items()}
    yield
    for kind, table in tables.items():
        registry.TESTS[kind].clear()
        registry.TESTS[kind].update(table)


@pytest.fixture
def _documented():
    (example,) = re.findall(r"```python\n(from [^`]*register_test\([^`]*)```", DOCS.read_text())
    exec(example, {})


@pytest.mark.django_db
@pytest.mark.usefixtures("_documented")
def test_the_documented_example_gives_points():
    score = make_score(WORK)
    assert held(make_contact("ada@engines.example"), score) == 10
    assert held(make_contact("ada@gmail.com"), score) is None


@pytest.mark.usefixtures("_documented")
def test_it_has_words_is_validated_and_stays_in_python():
    row = rule_row(**WORK)
    assert rule_problems(row, {}) == []
    rule = compile_rule(row, {})
    assert rule_text(rule) == "10 points when E-mail is an address at work."
    assert not fits({1: rule})
    [problem] = rule_problems(rule_row(**{**WORK, "value": "x"}), {})
    assert problem.path == "value"
    [problem] = rule_problems(rule_row(**{**WORK, "field": "birthday"}), {})
    assert problem.path == "test"


@pytest.mark.parametrize(
    ("name", "types", "holds", "message"),
    [
        ("Is Work", ["text"], bool, "lower-case letters"),
        ("x" * 31, ["text"], bool, "1 to 30"),
        ("equals", ["integer"], bool, "has a test 'equals' already"),
        ("mine", [], bool, "at least one type"),
        ("mine", ["colour"], bool, "types cannot be 'colour'. Choose one of: text, long_text"),
    ],
)
def test_what_cannot_be_registered(name, types, holds, message):
    with pytest.raises(ValueError, match=message):
        register_test(name, "is mine", holds, types=types)


async def asked_later(value, operands):
    return True


@pytest.mark.parametrize(
    ("name", "types", "holds", "message"),
    [
        ("mine", ["text"], None, "Give the function itself"),
        ("mine", ["text"], asked_later, "nobody would await tests.scoring.*asked_later"),
        ("mine", "text", bool, r"Expected a list.*types=\["),
        (bool, ["text"], bool, "Expected a name"),
    ],
)
def test_what_is_something_else_altogether(name, types, holds, message):
    with pytest.raises(TypeError, match=message):
        register_test(name, "is mine", holds, types=types)


def test_how_many_values_it_takes_may_be_named():
    assert register_test("mine", "is mine", bool, types=["text"], takes="none").takes is Takes.NONE
    with pytest.raises(ValueError, match="takes cannot be 'few'"):
        register_test("mine", "is mine", bool, types=["text"], takes="few")


def test_operands_come_typed():
    seen = []
    register_test(
        "divides",
        "is a multiple of",
        lambda value, operands: seen.append(operands) or value % operands[0] == 0,
        types=[FieldType.INTEGER],
        takes=Takes.ONE,
    )
    from wagtail_salesforce.scoring.checks import check_of

    assert check_of(FieldType.INTEGER, "divides", "3").holds(9)
    assert seen == [(3,)]
