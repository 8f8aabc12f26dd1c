"""When capturing fails, the visitor sees nothing and the ledger finds the submission again."""

from __future__ import annotations

import logging

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from tests.contacts.making import connect, make_form, submit
from wagtail_salesforce.contacts import attempts
from wagtail_salesforce.contacts.forms import capture_submission, reconcile_submissions
from wagtail_salesforce.contacts.models import Activity, Contact, LedgerEntry
from wagtail_salesforce.contacts.reconcile import Reconciled, reconcile


ADA = {"your_name": "Lovelace", "your_e_mail": "ada@example.org"}


@pytest.fixture
def broken(monkeypatch):
    """Adding an activity fails as a database fails, with the visitor's data in the message."""

    def fail(*args, **kwargs):
        raise OperationalError("deadlock detected: ada@example.org Lovelace")

    monkeypatch.setattr(attempts, "MAX_TRIES", 2)
    monkeypatch.setattr(Activity.objects, "create", fail)
    return monkeypatch


@pytest.mark.django_db
def test_the_visitor_sees_the_landing_page_and_nothing_is_half_done(broken, caplog):
    page = make_form()
    connect(page)
    with caplog.at_level(logging.ERROR):
        submission = submit(page, **ADA)

    assert not Contact.objects.exists()
    entry = LedgerEntry.objects.get()
    assert (entry.state, entry.attempts) == ("waiting", 1)
    assert entry.reason == "An error stopped it (OperationalError). It is tried again every day."
    assert f"{submission._meta.label_lower} {submission.pk}" in caplog.text
    assert "OperationalError" in caplog.text
    assert "ada@" not in caplog.text.lower() + entry.reason
    assert "Lovelace" not in caplog.text + entry.reason


@pytest.mark.django_db
def test_it_is_found_again_and_once_only(broken):
    page = make_form()
    connect(page)
    submission = submit(page, **ADA)
    assert reconcile() == Reconciled(waiting=1)
    assert LedgerEntry.objects.get().attempts == 2
    broken.undo()

    assert reconcile_submissions() == 1
    assert reconcile_submissions() == 0
    capture_submission(submission)
    assert Contact.objects.get().activities.count() == 1
    entry = LedgerEntry.objects.get()
    assert (entry.state, entry.reason) == ("captured", "")
    assert entry.contact_id == Contact.objects.get().pk
    assert Activity.objects.get().occurred_at == submission.submit_time


@pytest.mark.django_db(transaction=True)
def test_when_not_even_the_ledger_can_be_written(broken, caplog):
    """Outside a transaction and with everything failing: a log line, and the daily search."""
    page = make_form()
    connect(page)

    def fail(*args, **kwargs):
        raise IntegrityError("Key (email)=(ada@example.org) already exists")

    broken.setattr(LedgerEntry.objects, "get_or_create", fail)
    with caplog.at_level(logging.ERROR):
        submit(page, **ADA)
    broken.undo()

    assert "could not be put on the ledger: IntegrityError" in caplog.text
    assert "ada@" not in caplog.text
    assert not LedgerEntry.objects.exists()
    assert reconcile() == Reconciled(captured=1)
    assert Contact.objects.get().last_name == "Lovelace"


@pytest.mark.django_db(transaction=True)
def test_inside_the_sites_transaction_it_is_tried_again_when_that_is_committed(broken):
    page = make_form()
    connect(page)
    with transaction.atomic():
        submit(page, **ADA)
        if connection.vendor != "mysql":
            # There it is left until the end, as a deadlock would undo the site's work as well.
            assert LedgerEntry.objects.get().state == "waiting"
        # The site's transaction is in good health.
        assert page.get_submission_class().objects.count() == 1
        broken.undo()

    assert LedgerEntry.objects.get().state == "captured"
    assert Contact.objects.get().activities.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_the_site_undoes_leaves_nothing():
    page = make_form()
    connect(page)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        submit(page, **ADA)
        raise ZeroDivisionError

    assert not Contact.objects.exists()
    assert not LedgerEntry.objects.exists()
    assert not page.get_submission_class().objects.exists()


@pytest.mark.django_db
def test_a_transaction_that_is_broken_already_does_not_raise(caplog):
    page = make_form()
    connect(page)
    submission = page.get_submission_class()(pk=1, page=page, form_data={})
    connection.needs_rollback = True
    try:
        capture_submission(submission)
    finally:
        connection.needs_rollback = False
    assert "could not be captured" in caplog.text


@pytest.mark.django_db
def test_an_error_in_the_sites_own_code_is_no_error_for_the_visitor():
    """A receiver of the site that fails whenever a contact is saved."""
    from django.db.models.signals import post_save

    def fails(**kwargs):
        raise KeyError("ada@example.org")

    page = make_form()
    connect(page)
    post_save.connect(fails, sender=Contact)
    try:
        submit(page, **ADA)
    finally:
        post_save.disconnect(fails, sender=Contact)

    assert LedgerEntry.objects.get().reason.startswith("An error stopped it (KeyError).")
    assert reconcile_submissions() == 1


@pytest.mark.django_db
def test_a_failing_scoring_is_undone_and_waits(monkeypatch):
    from wagtail_salesforce.signals import contacts_changed

    def fails(**kwargs):
        raise RuntimeError

    page = make_form()
    connect(page)
    contacts_changed.connect(fails)
    try:
        submit(page, **ADA)
    finally:
        contacts_changed.disconnect(fails)

    assert not Contact.objects.exists()
    assert reconcile_submissions() == 1
    assert Contact.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_passing_trouble_is_overcome_at_once(monkeypatch):
    original = Activity.objects.create
    failures = [OperationalError("database is locked")] * 3

    def fail_at_first(*args, **kwargs):
        if failures:
            raise failures.pop()
        return original(*args, **kwargs)

    monkeypatch.setattr(Activity.objects, "create", fail_at_first)
    page = make_form()
    connect(page)
    submit(page, **ADA)

    assert LedgerEntry.objects.get().state == "captured"
    assert Contact.objects.get().activities.count() == 1
