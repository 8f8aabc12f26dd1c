"""How many statements scoring costs: few, and as many for a thousand contacts as for one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.scoring.builders import act, attribute, held, make_contact, make_score, moment
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.changes import ContactChange
from wagtail_salesforce.contacts.models import Activity, Contact
from wagtail_salesforce.scoring.activities import Activities
from wagtail_salesforce.scoring.compile import compile_rule
from wagtail_salesforce.scoring.update import refresh_points


pytestmark = pytest.mark.django_db

FORM = {"activity_type": "form_submission", "points": 3}
PLAIN_RULES = [
    FORM,
    {**FORM, "activity_tests": {"pages": [1, 2]}},
    {**FORM, "recurring": False},
    {**FORM, "per": "value", "max_points": 50},
    {"activity_type": "purchase", "per": "value", "points": 1},
    {"field": "job_title", "test": "contains", "value": "Director", "points": 5},
    {"field": "country", "test": "in_list", "value": "GB\nFR", "points": 5},
    {"source": "attribute", "field": "licences", "test": "greater", "value": "3", "points": 5},
    {"condition": {"all": [{"field": "city", "test": "is_not_empty"}]}, "points": 1},
    {
        "condition": {"any": [{"source": "attribute", "field": "vip", "test": "is_true"}]},
        "points": 1,
    },
]
WINDOW = {"validity_amount": 30, "validity_unit": "days"}
ALL_RULES = [{**FORM, **WINDOW}, *PLAIN_RULES[1:]]
ACTIVITIES = Activity._meta.db_table
NOW = moment("2026-06-15T12:00:00")
# Where rows can be locked, a contact that is not held yet costs one statement more.
LOCK = 1 if connection.features.has_select_for_update else 0


@pytest.fixture
def attributes():
    attribute("licences", "integer")
    attribute("vip", "boolean")


def statements(run):
    """The statements of scoring: without savepoints and without the due marks."""
    with CaptureQueriesContext(connection) as queries:
        run()
    found = [query["sql"] for query in queries]
    return [sql for sql in found if "SAVEPOINT" not in sql and "leadlink" not in sql]


def everything(*contacts, locked=False):
    return {
        contact.pk: ContactChange(False, {"*"}, {"form_submission", "purchase"}, locked)
        for contact in contacts
    }


def contact_with_history(email="ada@example.com"):
    attributes = {"licences": 5, "vip": True}
    contact = make_contact(email, job_title="Director", city="York", attributes=attributes)
    Activity.objects.bulk_create(
        [Activity(contact=contact, type="form_submission", value=1) for _each in range(3)]
    )
    return contact


@pytest.mark.parametrize(("rules", "most"), [(PLAIN_RULES, 4), (ALL_RULES, 5)])
def test_one_contact_and_one_score_of_ten_rules(attributes, rules, most):
    make_score(*rules)
    contact = contact_with_history()
    ran = statements(lambda: refresh_points(everything(contact, locked=True)))
    assert len(ran) == most
    Activity.objects.bulk_create([Activity(contact=contact, type="form_submission")])
    assert len(statements(lambda: refresh_points(everything(contact)))) == most + LOCK


def test_no_enabled_score_costs_one_statement():
    make_score(FORM, enabled=False)
    contact = contact_with_history()
    assert len(statements(lambda: refresh_points(everything(contact)))) == 1
    assert len(statements(lambda: refresh_points(everything(contact, locked=True)))) == 1


def test_a_change_that_concerns_no_rule_reads_the_rules_only():
    make_score(FORM)
    contact = contact_with_history()
    changes = {contact.pk: ContactChange(fields={"company"}, locked=True)}
    assert len(statements(lambda: refresh_points(changes))) == 1


def test_many_contacts_cost_as_much_as_one(attributes):
    score = make_score(*ALL_RULES)
    contacts = [contact_with_history(f"{number}@example.com") for number in range(60)]
    ran = statements(lambda: refresh_points(everything(*contacts)))
    assert len(ran) == 5 + LOCK
    assert {held(contact, score) for contact in contacts} == {held(contacts[0], score)}


def test_several_scores_cost_as_much_as_one(attributes):
    for number in range(3):
        make_score(*ALL_RULES, name=f"Score {number}")
    contact = contact_with_history()
    assert len(statements(lambda: refresh_points(everything(contact)))) == 5 + LOCK


def test_a_second_submission_needs_no_lock_of_its_own(attributes):
    """`capture` holds the contact already, and says so by saving it."""
    score = make_score(*PLAIN_RULES)
    capture(email="ada@example.com", title="Quote", job_title="Director")
    ran = statements(lambda: capture(email="ada@example.com", title="Quote", city="York"))
    scoring = [sql for sql in ran if "scor" in sql or "wagtail_salesforce_rule" in sql]
    locks = [sql for sql in ran if "FOR UPDATE" in sql or "FOR NO KEY UPDATE" in sql]
    assert len(scoring) == 3
    assert len(locks) == (1 if LOCK else 0)
    contact = Contact.objects.get()
    assert held(contact, score) == 3 * 2 + 3 + 5 + 1


def test_ten_thousand_activities_are_summed_by_the_database():
    score = make_score({**FORM, "activity_tests": {"pages": [1]}}, FORM)
    contact = make_contact()
    many = [
        Activity(contact=contact, type="form_submission", page_id=number % 100)
        for number in range(10_000)
    ]
    Activity.objects.bulk_create(many)
    ran = statements(lambda: act(contact, "form_submission", page_id=1))
    [reading] = [sql for sql in ran if sql.startswith("SELECT") and ACTIVITIES in sql]
    assert "COUNT(" in reading
    groups = Activities([contact.pk], [compile_rule(rule, {}) for rule in score.rules.all()], NOW)
    assert len(groups.of(contact.pk).grouped) == 2
    assert held(contact, score) == 3 * 101 + 3 * 10_001


def test_nothing_is_written_when_nothing_changes(attributes):
    make_score(*ALL_RULES)
    contact = contact_with_history()
    refresh_points(everything(contact))
    ran = statements(lambda: refresh_points(everything(contact)))
    assert not [sql for sql in ran if sql.startswith(("INSERT", "UPDATE"))]


def test_the_rules_are_read_with_their_scores():
    make_score(FORM)
    contact = contact_with_history()
    ran = statements(lambda: refresh_points(everything(contact, locked=True)))
    assert "wagtail_salesforce_rule" in ran[0]
    assert "wagtail_salesforce_score" in ran[0]
