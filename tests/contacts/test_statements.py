"""How many SQL statements a form submission costs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.contacts.making import connect, make_form, submit
from wagtail_salesforce.contacts.forms import capture_submission
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.scoring.models import Rule, Score
from wagtail_salesforce.signals import contacts_changed


pytestmark = pytest.mark.django_db

DATA = {"your_name": "Lovelace", "your_e_mail": "ada@example.org", "company": "Engines"}
NOT_COUNTED = ("SAVEPOINT", "RELEASE", "ROLLBACK TO", "BEGIN", "COMMIT")


def counted(work):
    """The statements that `work` costs, savepoints apart."""
    with CaptureQueriesContext(connection) as captured:
        work()
    sql = [query["sql"] for query in captured.captured_queries]
    return [statement for statement in sql if not statement.startswith(NOT_COUNTED)]


@pytest.fixture
def ten_rules():
    score = Score.objects.create(name="Sales ready")
    for number in range(4):
        Rule.objects.create(
            score=score,
            name=f"Any form {number}",
            kind="activity",
            activity_type="form_submission",
            points=3,
        )
        Rule.objects.create(
            score=score,
            name=f"Director {number}",
            kind="attribute",
            source="field",
            field="last_name",
            test="contains",
            value="love",
            points=5,
        )
    for number, extra in enumerate(
        [{"per": "value"}, {"validity_amount": 30, "validity_unit": "days"}]
    ):
        Rule.objects.create(
            score=score,
            name=f"Value {number}",
            kind="activity",
            activity_type="form_submission",
            points=1,
            **extra,
        )
    assert score.rules.count() == 10


@pytest.fixture
def page():
    Attribute.objects.create(name="message", label="Message", type="text")
    page = make_form()
    return page


TARGETS = {
    "your_name": {"field": "last_name"},
    "your_e_mail": {"field": "email"},
    "company": {"field": "company_name"},
    "message": {"attribute": "message"},
}


def submission_of(page, **data):
    """A submission of the site, made as before this package was there."""
    submissions = page.get_submission_class()
    (submission,) = submissions.objects.bulk_create(
        [submissions(page=page, form_data={**DATA, **data})]
    )
    return submissions.objects.get(pk=submission.pk)


@pytest.mark.parametrize("known", [False, True])
def test_contacts_need_at_most_five(page, known):
    """Also with attributes: connection with their types, contact, save, activity, ledger."""
    connect(page, TARGETS, value_field="message")
    if known:
        Contact.objects.create(email="ada@example.org")
    submission = submission_of(page, message="x")
    receivers, contacts_changed.receivers = contacts_changed.receivers, []
    contacts_changed.sender_receivers_cache.clear()
    try:
        statements = counted(lambda: capture_submission(submission))
    finally:
        contacts_changed.receivers = receivers
        contacts_changed.sender_receivers_cache.clear()

    assert len(statements) == 5, statements
    assert Contact.objects.get().attributes == {"message": "x"}


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.usefixtures("ten_rules")
def test_everything_together_needs_at_most_twelve(page, known):
    """With a score of ten rules and the due mark, as a visitor submits the form."""
    connect(page, TARGETS)
    if known:
        submit(page, **DATA)
    other = make_form("unconnected")
    visit = {**DATA, "message": "x"}
    site, both = (counted(lambda page=page: submit(page, **visit)) for page in (other, page))

    # On the form that is not connected we ask once whether it is.
    assert len(both) - (len(site) - 1) <= 12, both
    assert Contact.objects.get().attributes == {"message": "x"}


@pytest.mark.usefixtures("ten_rules")
def test_the_hook_itself_needs_at_most_twelve(page):
    connect(page, TARGETS)
    for message in ("x", "y"):
        submission = submission_of(page, message=message)
        statements = counted(lambda submission=submission: capture_submission(submission))
        assert len(statements) <= 12, statements
    assert Contact.objects.get().score_points.exists()


def test_a_form_that_is_not_connected_costs_one(page):
    submission = submission_of(page)
    assert len(counted(lambda: capture_submission(submission))) == 1
