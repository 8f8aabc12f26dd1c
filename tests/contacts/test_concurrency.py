"""Twenty visitors with one e-mail at the same moment: one contact, nothing lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.test import Client

from tests.contacts.making import connect, make_form, submit
from tests.contacts.visiting import MIDDLEWARE, browser, own_settings
from tests.scoring.builders import held, make_score
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.forms import capture_submission, reconcile_submissions
from wagtail_salesforce.contacts.models import Activity, Attribute, Contact, LedgerEntry, Visitor


pytestmark = pytest.mark.django_db(transaction=True)

VISITORS = 20


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """SQLite lets one write at a time; on a busy machine twenty take longer than its 5 seconds."""
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 60)


def at_once(work, number=VISITORS):
    """Do `work(index)` in threads of their own that begin together."""
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("SQLite in memory knows no second writer: set WS_TEST_SQLITE_NAME to a file.")
    barrier = Barrier(number)

    def run(index):
        try:
            barrier.wait(30)
            return work(index)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


@pytest.fixture(params=["autocommit", "atomic requests"])
def page(request, monkeypatch):
    if request.param == "atomic requests":
        # As the setting ATOMIC_REQUESTS does: each request in one transaction.
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    return make_form()


def test_twenty_submissions_of_one_new_e_mail(page):
    connect(page)
    at_once(
        lambda index: submit(page, Client(), your_e_mail="Ada@example.org", company=f"C{index}")
    )

    assert page.get_submission_class().objects.count() == VISITORS
    if connection.vendor == "postgresql":
        # A conflict is overcome at once; the others may let somebody wait for the next moment.
        assert not LedgerEntry.objects.filter(state="waiting").exists()
    reconcile_submissions()
    assert Contact.objects.count() == 1
    assert Activity.objects.count() == VISITORS
    assert LedgerEntry.objects.filter(state="captured").count() == VISITORS


@pytest.mark.parametrize("known", [False, True])
def test_calls_of_one_person_do_not_undo_each_other(known):
    for index in range(VISITORS):
        Attribute.objects.create(name=f"answer_{index}", label=f"A{index}", type="integer")
    if known:
        Contact.objects.create(email="ada@example.org")
    at_once(lambda index: capture(email="ada@example.org", attributes={f"answer_{index}": index}))
    reconcile_submissions()

    contact = Contact.objects.get()
    assert contact.attributes == {f"answer_{index}": index for index in range(VISITORS)}
    assert contact.activities.count() == VISITORS


def test_one_submission_captured_by_many_is_captured_once():
    page = make_form()
    submission = submit(page, your_e_mail="ada@example.org")
    connect(page)
    at_once(lambda index: capture_submission(submission), 8)

    assert Activity.objects.count() == 1
    assert LedgerEntry.objects.get().state == "captured"


def test_reconciling_beside_each_other_doubles_nothing():
    page = make_form()
    connect(page)
    submissions = page.get_submission_class()
    rows = [{"your_e_mail": f"v{number % 3}@example.org"} for number in range(12)]
    submissions.objects.bulk_create([submissions(page=page, form_data=data) for data in rows])
    found = at_once(lambda index: reconcile_submissions(), 4)

    assert sum(found) == 12
    assert Contact.objects.count() == 3
    assert Activity.objects.count() == 12


def test_new_people_do_not_get_in_each_others_way(page):
    connect(page)
    at_once(lambda index: submit(page, Client(), your_e_mail=f"v{index}@example.org"))
    reconcile_submissions()
    assert Contact.objects.count() == Activity.objects.count() == VISITORS


def test_capture_inside_many_transactions():
    def order(index):
        with transaction.atomic():
            return capture(email="ada@example.org", title=f"Order {index}")

    at_once(order)
    reconcile_submissions()
    assert Contact.objects.count() == 1
    assert Activity.objects.count() == VISITORS


class TestWithEverythingSwitchedOn:
    """A score of two rules, and browsers that are recognised by their cookie."""

    @pytest.fixture(autouse=True)
    def recognised(self, settings):
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, MIDDLEWARE]
        settings.WAGTAIL_SALESFORCE = own_settings()

    @pytest.fixture
    def score(self):
        return make_score(
            {"activity_type": "form_submission", "points": 2},
            {"field": "company_name", "test": "is_not_empty", "points": 100},
        )

    def test_twenty_submissions_of_one_new_e_mail_are_scored_once_each(self, page, score):
        connect(page)
        at_once(
            lambda index: submit(
                page, browser(), your_e_mail="Ada@example.org", company=f"C{index}"
            )
        )

        reconcile_submissions()
        contact = Contact.objects.get()
        assert contact.activities.filter(type="form_submission").count() == VISITORS
        assert held(contact, score) == 2 * VISITORS + 100
        assert LedgerEntry.objects.filter(state="captured").count() == VISITORS

    def test_twenty_calls_for_one_new_e_mail_are_scored_once_each(self, score):
        at_once(lambda index: capture(email="ada@example.org", company_name=f"C{index}"))
        reconcile_submissions()
        contact = Contact.objects.get()
        assert held(contact, score) == 2 * VISITORS + 100

    def test_one_browser_that_submits_twenty_times_at_once(self, page):
        connect(page)
        client = browser()
        submit(page, client, your_e_mail="ada@example.org")

        def again(index):
            other = browser()
            other.cookies = client.cookies
            return submit(page, other, your_e_mail="ada@example.org")

        at_once(again)
        reconcile_submissions()
        assert Contact.objects.count() == 1
        assert Activity.objects.filter(type="form_submission").count() == VISITORS + 1
        assert Visitor.objects.count() <= 1
