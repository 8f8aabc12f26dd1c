"""A deadlock loses no submission and is no visitor's error."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone

from tests.colliding import deadlock, needs_two_connections, repeated
from tests.contacts.making import connect, make_form, submit
from tests.scoring.builders import held, make_score
from wagtail_salesforce.contacts.by_hand import NewActivity, add_activity
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.collisions import MAX_TRIES, despite_collisions
from wagtail_salesforce.contacts.companies import note_company_change
from wagtail_salesforce.contacts.models import (
    Activity,
    Company,
    CompanyMembership,
    Contact,
    LedgerEntry,
)
from wagtail_salesforce.replication.models import LeadLink


FORM = {"activity_type": "form_submission", "points": 3}


def in_the_way(work):
    """Do `work`, which holds the contact when it comes to its link."""
    return deadlock(
        lambda: LeadLink.objects.update(required=True),
        lambda: list(Contact.objects.select_for_update()),
        work,
    )


@needs_two_connections
@pytest.mark.django_db(transaction=True)
class TestADeadlock:
    @pytest.fixture(autouse=True)
    def contact(self):
        return Contact.objects.create(email="ada@example.org")

    @pytest.fixture(params=["autocommit", "atomic requests"])
    def page(self, request, monkeypatch):
        if request.param == "atomic requests":
            monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
        page = make_form()
        connect(page)
        return page

    def test_of_a_submission(self, page, contact):
        score = make_score(FORM)
        in_the_way(lambda: submit(page, Client(), your_e_mail="ada@example.org"))
        assert page.get_submission_class().objects.count() == 1
        assert LedgerEntry.objects.get().state == "captured"
        assert held(contact, score) == 3

    def test_of_a_call(self, contact):
        assert in_the_way(lambda: capture(email="ada@example.org", title="Quote")) == contact
        assert Activity.objects.get().title == "Quote"
        assert not LedgerEntry.objects.exists()

    def test_of_a_call_in_a_transaction_of_the_caller(self):
        """PostgreSQL undoes the call alone. Elsewhere the caller's own work is gone, and they
        must not go on as if it were there."""
        with repeated() as repeats:
            if connection.vendor == "postgresql":
                in_the_way(self.order)
            else:
                with pytest.raises(OperationalError):
                    in_the_way(self.order)
        assert not repeats.called
        expected = ["Order", "Quote"] if connection.vendor == "postgresql" else []
        assert sorted(Activity.objects.values_list("title", flat=True)) == expected

    @staticmethod
    def order():
        with transaction.atomic():
            other = Contact.objects.create(email="grace@example.org")
            Activity.objects.create(contact=other, type="purchase", title="Order")
            capture(email="ada@example.org", title="Quote")

    def test_of_an_activity_that_an_editor_adds(self, contact):
        new = NewActivity("call", timezone.now(), "Talked")
        assert in_the_way(lambda: add_activity([contact.pk], new)) == 1
        assert Activity.objects.get().title == "Talked"

    def test_of_a_company_that_is_renamed(self, contact):
        company = Company.objects.create(name="Engines")
        CompanyMembership.objects.create(company=company, contact=contact)
        make_score({"field": "company_name", "test": "is_not_empty", "points": 1})
        before = LeadLink.objects.get().version
        with repeated() as repeats:
            in_the_way(lambda: note_company_change(company))
        assert repeats.called
        assert LeadLink.objects.get().version > before


@needs_two_connections
@pytest.mark.django_db(transaction=True)
def test_a_submission_that_is_not_kept_is_not_captured():
    page = make_form()
    connect(page)
    with pytest.raises(LookupError), transaction.atomic():
        submit(page, your_e_mail="ada@example.org")
        raise LookupError
    assert not page.get_submission_class().objects.exists()
    assert not Contact.objects.exists()
    assert not LedgerEntry.objects.exists()


class Refused(Exception):
    """What the driver of PostgreSQL raises."""

    def __init__(self, sqlstate):
        super().__init__()
        self.sqlstate = sqlstate


def refusal(*args, sqlstate=None):
    error = OperationalError(*args)
    error.__cause__ = Refused(sqlstate) if sqlstate else None
    return error


COLLISIONS = [
    refusal(1213, "Deadlock found when trying to get lock"),
    refusal(1205, "Lock wait timeout exceeded"),
    refusal("deadlock detected", sqlstate="40P01"),
    refusal("could not serialize access", sqlstate="40001"),
    refusal("canceling statement due to lock timeout", sqlstate="55P03"),
    refusal("database is locked"),
]
FAILURES = [
    refusal(),
    refusal(2006, "Server has gone away"),
    refusal("the connection is closed"),
    refusal("out of memory", sqlstate="53200"),
    refusal("no such table: locked"),
    ValueError("deadlock"),
]


def fails(times, error):
    """Work that fails so often with this error, and a list of how often it was done."""
    done = []

    def work():
        done.append(1)
        if len(done) <= times:
            raise error
        return "done"

    return work, done


@pytest.mark.django_db(transaction=True)
class TestDespiteCollisions:
    @pytest.fixture(autouse=True)
    def at_once(self, monkeypatch):
        monkeypatch.setattr("wagtail_salesforce.contacts.collisions.LONGEST_PAUSE", 0)

    @pytest.mark.parametrize("error", COLLISIONS, ids=str)
    def test_it_is_done_again(self, error):
        work, done = fails(2, error)
        assert despite_collisions(work) == "done"
        assert len(done) == 3

    @pytest.mark.parametrize("error", FAILURES, ids=repr)
    def test_what_fails_by_itself_is_not(self, error):
        work, done = fails(1, error)
        with pytest.raises(type(error)):
            despite_collisions(work)
        assert len(done) == 1

    def test_not_for_ever(self):
        work, done = fails(100, COLLISIONS[0])
        with pytest.raises(OperationalError):
            despite_collisions(work)
        assert len(done) == MAX_TRIES

    def test_not_after_a_long_wait(self, monkeypatch):
        monkeypatch.setattr("wagtail_salesforce.contacts.collisions.PATIENCE_SECONDS", -1)
        work, done = fails(1, COLLISIONS[1])
        with pytest.raises(OperationalError):
            despite_collisions(work)
        assert len(done) == 1

    def test_not_within_a_transaction_of_the_callers(self):
        work, done = fails(1, COLLISIONS[0])
        with pytest.raises(OperationalError), transaction.atomic():
            despite_collisions(work)
        assert len(done) == 1
