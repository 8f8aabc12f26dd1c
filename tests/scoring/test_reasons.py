"""How the points of a contact came about, in sentences."""

from __future__ import annotations

import pytest
import time_machine

from tests.scoring.builders import act, attribute, held, make_contact, make_score, moment
from wagtail_salesforce.contacts.models import ActivityType
from wagtail_salesforce.scoring.reasons import explain


pytestmark = pytest.mark.django_db

BUY = {"activity_type": "purchase"}
FORM = {"activity_type": "form_submission"}
TEXTS = [
    ({**FORM, "points": 3}, 6, "2 activities “Form submission”, at 3 each."),
    (
        {**FORM, "points": 3, "activity_tests": {"pages": [7]}},
        3,
        "1 activity “Form submission”, at 3.",
    ),
    (
        {**BUY, "points": 2, "per": "value"},
        5001,
        "The values of “Bought something” add up to 2,500.5, at 2 for each unit.",
    ),
    (
        {**BUY, "points": 1, "per": "value", "max_points": 2000},
        2000,
        "The values of “Bought something” add up to 2,500.5, at 1 for each unit. "
        "The rule stops at 2,000.",
    ),
    (
        {**BUY, "points": 1, "per": "value", "recurring": False},
        2000,
        "The first “Bought something” has the value 2,000, at 1 for each unit.",
    ),
    (
        {**FORM, "points": 9, "recurring": False, "valid_until": moment("2026-03-01T00:00:00")},
        9,
        "“Form submission” counts once. This changes on 1 Mar 2026, midnight.",
    ),
    (
        {"field": "job_title", "test": "contains", "value": "Director", "points": 5},
        5,
        "Job title contains “Director”.",
    ),
    (
        {
            "condition": {
                "all": [
                    {"field": "birthday", "test": "is_empty"},
                    {
                        "any": [
                            {"field": "country", "test": "in_list", "value": ["GB", "FR"]},
                            {
                                "source": "attribute",
                                "field": "licences",
                                "test": "between",
                                "value": [1, 5],
                            },
                        ]
                    },
                ]
            },
            "points": 4,
        },
        4,
        "Birthday is empty and (Country is one of “GB”, “FR” or Licences is between “1” and “5”).",
    ),
]


@pytest.fixture
def contact():
    attribute("licences", "integer")
    ActivityType.objects.create(name="purchase", label="Bought something")
    with time_machine.travel(moment("2026-02-01T00:00:00"), tick=False):
        contact = make_contact(job_title="Sales director", country="GB")
        act(contact, "form_submission", page_id=7)
        act(contact, "form_submission", page_id=8)
        act(contact, value=2000, occurred_at=moment("2026-01-01T00:00:00"))
        act(contact, value="500.5")
        yield contact


@pytest.mark.parametrize(("rule", "points", "text"), TEXTS)
def test_reasons(contact, rule, points, text):
    [reason] = explain(contact, make_score(rule))
    assert (reason.points, reason.text) == (points, text)


def test_the_reasons_add_up_to_the_points(contact, django_assert_max_num_queries):
    score = make_score(*(rule for rule, _points, _text in TEXTS))
    with django_assert_max_num_queries(6):
        reasons = explain(contact, score)
    assert sum(reason.points for reason in reasons) == held(contact, score)
    assert [reason.rule for reason in reasons] == [f"Rule {n}" for n in range(len(TEXTS))]


def test_rules_that_give_nothing_are_left_out_and_broken_ones_say_so(contact):
    score = make_score(
        {"activity_type": "page_visit", "points": 3}, {"field": "shoe_size", "test": "equals"}
    )
    [reason] = explain(contact, score)
    assert reason.points == 0
    assert str(reason) == (
        "Rule 1: This rule has problems and gives no points. Open the score and repair it."
    )
