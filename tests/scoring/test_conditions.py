"""Attribute and condition rules as pure functions."""

from __future__ import annotations

import pytest

from tests.scoring.builders import rule_row
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.scoring.compile import compile_rule
from wagtail_salesforce.scoring.facts import ContactFacts


TYPES = {"licences": FieldType.INTEGER, "newsletter": FieldType.BOOLEAN}
BOSS = {"source": "field", "field": "job_title", "test": "contains", "value": "director"}
MANY = {"source": "attribute", "field": "licences", "test": "greater", "value": "10"}
WANTS = {"source": "attribute", "field": "newsletter", "test": "is_true"}


def points(facts, **columns):
    rule = compile_rule(rule_row(points=5, **columns), TYPES)
    assert rule is not None
    return rule.evaluate(facts).points


def contact(job_title=None, **attributes):
    return ContactFacts({"job_title": job_title}, attributes)


@pytest.mark.parametrize(
    ("comparison", "facts", "expected"),
    [
        (BOSS, contact("Sales Director"), 5),
        (BOSS, contact("Clerk"), 0),
        (BOSS, contact(), 0),
        (MANY, contact(licences=11), 5),
        (MANY, contact(licences=10), 0),
        (MANY, contact(), 0),
        (WANTS, contact(newsletter=True), 5),
    ],
)
def test_attribute_rules(comparison, facts, expected):
    assert points(facts, **comparison) == expected


def test_the_source_is_a_field_unless_said_otherwise():
    facts = contact("Director")
    assert points(facts, source="", field="job_title", test="equals", value="director") == 5


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"all": [BOSS, MANY]}, 0),
        ({"any": [BOSS, MANY]}, 5),
        ({"all": [BOSS, {"any": [MANY, WANTS]}]}, 5),
        ({"any": [MANY, {"all": [BOSS, {"any": [MANY]}]}]}, 0),
        ({"all": [{"all": [BOSS]}, WANTS]}, 5),
    ],
)
def test_condition_rules(condition, expected):
    facts = contact("Director", licences=1, newsletter=True)
    assert points(facts, condition=condition) == expected
