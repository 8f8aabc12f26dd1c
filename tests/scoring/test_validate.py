"""What is wrong with a rule is said with its place and its cure."""

from __future__ import annotations

import pytest

from tests.scoring.builders import moment, rule_row
from wagtail_salesforce.contacts.fields import FIELDS, FieldType
from wagtail_salesforce.scoring.compile import compile_rule
from wagtail_salesforce.scoring.tests import TESTS, Takes
from wagtail_salesforce.scoring.validate import rule_problems


TYPES = {"licences": FieldType.INTEGER}
BOSS = {"field": "job_title", "test": "contains", "value": "Director"}
FORM = {"activity_type": "form_submission"}
MONTH = {"validity_amount": 1, "validity_unit": "months"}


def deep(levels):
    condition = BOSS
    for _level in range(levels):
        condition = {"all": [condition]}
    return condition


GOOD = [
    BOSS,
    {**BOSS, "points": -100_000},
    {"source": "attribute", "field": "licences", "test": "between", "value": "1\n5"},
    {"condition": {"any": [BOSS, {"all": [{**BOSS, "source": "field"}]}]}},
    {"condition": deep(9)},
    FORM,
    {**FORM, "points": 100_000, "max_points": 100_000},
    {**FORM, "points": -1, "max_points": -5},
    {**FORM, **MONTH},
    {**FORM, "valid_until": moment("2027-01-01T00:00:00")},
    {**FORM, "per": "value", "recurring": False, "activity_tests": {"pages": [3]}},
    {**FORM, "validity_amount": 100, "validity_unit": "years"},
]


@pytest.mark.parametrize("columns", GOOD)
def test_good_rules_have_no_problems(columns):
    assert rule_problems(rule_row(**columns), TYPES) == []


BAD = [
    ({**BOSS, "points": 100_001}, "points", "−100,000 to 100,000"),
    ({**BOSS, "points": -100_001}, "points", "−100,000 to 100,000"),
    ({**BOSS, "points": None}, "points", "Give points."),
    ({**BOSS, "kind": "magic"}, "kind", "attribute, activity, condition"),
    ({**BOSS, "source": "moon"}, "source", "field, attribute"),
    ({**BOSS, "field": "shoe_size"}, "field", "They are: email, first_name"),
    ({**BOSS, "field": "attributes"}, "field", "Choose a contact field."),
    ({**BOSS, "test": "sounds_like"}, "test", "equals, not_equals, contains"),
    ({**BOSS, "test": "less"}, "test", "Choose a test that fits the type"),
    ({**BOSS, "value": ""}, "value", "Give one value"),
    (
        {"field": "birthday", "test": "less", "value": "31.12.1990"},
        "value",
        "year-month-day",
    ),
    (
        {"source": "attribute", "field": "shoes", "test": "is_empty"},
        "field",
        "Choose an attribute that exists.",
    ),
    (
        {"source": "attribute", "field": "licences", "test": "equals", "value": "many"},
        "value",
        "Give a whole number",
    ),
    ({**BOSS, "max_points": 5}, "max_points", "for activity rules"),
    ({**BOSS, "recurring": False}, "recurring", "for activity rules"),
    ({**BOSS, **MONTH}, "validity_amount", "for activity rules"),
    ({**BOSS, "activity_type": "x", "kind": "attribute"}, "activity_type", "for activity rules"),
    ({**FORM, "field": "job_title"}, "field", "for attribute rules"),
    ({**FORM, "kind": "activity", "condition": {"all": [BOSS]}}, "condition", "condition rules"),
    ({"condition": {}}, "condition", "Begin the condition with all or any."),
    ({"condition": BOSS}, "condition", "Begin the condition with all or any."),
    ({"condition": [BOSS]}, "condition", "Give an object"),
    ({"condition": {"all": [BOSS], "any": [BOSS]}}, "condition", "either all or any"),
    ({"condition": {"all": []}}, "condition.all", "one condition or more"),
    ({"condition": {"any": BOSS}}, "condition.any", "one condition or more"),
    ({"condition": {"all": [BOSS, {"any": ["x"]}]}}, "condition.all[1].any[0]", "Give an object"),
    (
        {"condition": {"all": [BOSS, {"any": [{**BOSS, "field": "x"}]}]}},
        "condition.all[1].any[0].field",
        "Choose a contact field.",
    ),
    (
        {"condition": {"all": [{**BOSS, "colour": "red"}]}},
        "condition.all[0].colour",
        "source, field, test, value",
    ),
    ({"condition": deep(10)}, "condition" + ".all[0]" * 10, "10 levels"),
    ({"activity_type": ""}, "activity_type", "lower-case letters"),
    ({"activity_type": "Form submission"}, "activity_type", "lower-case letters"),
    ({**FORM, "per": "hour"}, "per", "activity or value"),
    ({**FORM, "points": 1, "max_points": -5}, "max_points", "same sign"),
    ({**FORM, "points": -1, "max_points": 5}, "max_points", "same sign"),
    ({**FORM, "max_points": 0}, "max_points", "other than 0"),
    ({**FORM, "max_points": 2**31}, "max_points", "other than 0"),
    ({**FORM, "validity_amount": 0, "validity_unit": "days"}, "validity_amount", "1 or more"),
    ({**FORM, "validity_amount": 0}, "validity_amount", "1 or more"),
    ({**FORM, "validity_unit": "days"}, "validity_amount", "1 or more"),
    ({**FORM, "validity_amount": 3}, "validity_unit", "days, weeks, months or years"),
    ({**FORM, "validity_amount": 3, "validity_unit": "aeons"}, "validity_unit", "days, weeks"),
    ({**FORM, "validity_amount": 101, "validity_unit": "years"}, "validity_amount", "100 years"),
    (
        {**FORM, **MONTH, "valid_until": moment("2027-01-01T00:00:00")},
        "valid_until",
        "not both",
    ),
    ({**FORM, "activity_tests": []}, "activity_tests", "Give an object"),
    ({**FORM, "activity_tests": {"page": [1]}}, "activity_tests.page", "pages, value, title"),
    ({**FORM, "activity_tests": {"pages": 3}}, "activity_tests.pages", "ids of pages"),
    ({**FORM, "activity_tests": {"pages": [True]}}, "activity_tests.pages", "ids of pages"),
    ({**FORM, "activity_tests": {"pages": ["3"]}}, "activity_tests.pages", "ids of pages"),
    ({**FORM, "activity_tests": {"title": "x"}}, "activity_tests.title", "a test and a value"),
    (
        {**FORM, "activity_tests": {"value": {"test": "less", "value": "lots"}}},
        "activity_tests.value.value",
        "Give a number in digits",
    ),
    (
        {**FORM, "activity_tests": {"time": {"test": "contains", "value": "x"}}},
        "activity_tests.time.test",
        "Choose a test that fits the type",
    ),
]


@pytest.mark.parametrize(("columns", "path", "cure"), BAD)
def test_bad_rules_name_the_place_and_the_cure(columns, path, cure):
    rule = rule_row(**columns)
    messages = {problem.path: problem.message for problem in rule_problems(rule, TYPES)}
    assert cure in messages[path]


@pytest.mark.parametrize(
    "columns",
    [{**BOSS, "field": "shoe_size"}, {**FORM, "activity_tests": {"page": [1]}}, {"condition": {}}],
)
def test_a_rule_that_cannot_be_read_is_not_guessed_at(columns):
    assert compile_rule(rule_row(**columns), TYPES) is None


def test_every_field_can_be_tested_with_every_test_of_its_type():
    operands = {"text": "a", "long_text": "a", "date": "2026-01-01"}
    for name, field in FIELDS.items():
        one = operands.get(field.type.value, "2026-01-01T00:00:00Z")
        for test in TESTS[field.type].values():
            value = {Takes.NONE: "", Takes.TWO: f"{one}\n{one}"}.get(test.takes, one)
            rule = rule_row(field=name, test=test.name, value=value)
            assert rule_problems(rule, {}) == []


def test_all_problems_are_found_at_once():
    rule = rule_row(**FORM, points=10**6, max_points=-1, validity_amount=0, per="x")
    paths = [problem.path for problem in rule_problems(rule, {})]
    assert paths == ["points", "max_points", "per", "validity_amount"]
