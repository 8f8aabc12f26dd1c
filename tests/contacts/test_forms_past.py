"""Past submissions are taken over by a job: batch by batch, with progress, without doubling."""

from __future__ import annotations

import logging
from datetime import timedelta
from unittest import mock

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.contacts.making import connect, make_form, submit
from wagtail_salesforce.contacts import past as past_module
from wagtail_salesforce.contacts import spam
from wagtail_salesforce.contacts.models import Activity, Attribute, Contact, LedgerEntry
from wagtail_salesforce.contacts.past import Past, past, start_import
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.jobs.run import advance, run_job, take
from wagtail_salesforce.scoring.models import Rule, Score
from wagtail_salesforce.signals import contacts_changed


pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=400)


def submitted(page, number, **data):
    """So many submissions from before the form was connected, one minute after the other."""
    model = page.get_submission_class()
    made = model.objects.bulk_create(
        model(page=page, form_data={"your_e_mail": f"a{each}@example.org", **data})
        for each in range(number)
    )
    for each, submission in enumerate(made):
        submission.submit_time = LONG_AGO + timedelta(minutes=each)
    model.objects.bulk_update(made, ["submit_time"])
    return made


def imported(connected):
    job = start_import(connected)
    run_job(job.pk)
    job.refresh_from_db()
    return job


@pytest.mark.parametrize("own", [False, True])
def test_everything_is_taken_over_with_its_own_date(own):
    page = make_form(own=own)
    submitted(page, 3, your_name="Lovelace")
    connected = connect(page, name="Quotes")
    assert past(connected) == Past(3)

    job = imported(connected)
    assert (job.state, job.done, job.total) == ("finished", 3, 3)
    assert job.counts == {"captured": 3, "refused": 0, "waiting": 0}
    contact = Contact.objects.get(email="a1@example.org")
    assert contact.last_name == "Lovelace"
    assert contact.last_activity_at == LONG_AGO + timedelta(minutes=1)
    activity = contact.activities.get()
    assert (activity.title, activity.page_id) == ("Quotes", page.pk)
    assert activity.occurred_at == contact.last_activity_at
    entry = LedgerEntry.objects.get(contact_id=contact.pk)
    assert entry.state == "captured"
    assert past(connected) == Past(0)


def test_twice_doubles_nothing():
    page = make_form()
    connected = connect(page)
    submit(page, your_e_mail="new@example.org")
    submitted(page, 3)
    assert past(connected) == Past(3)
    imported(connected)
    assert imported(connected).done == 0
    assert Activity.objects.count() == 4


def test_one_person_several_times_in_one_batch():
    page = make_form()
    submitted(page, 2)
    submitted(page, 3, your_name="Lovelace")
    Contact.objects.create(email="A0@example.org", company_name="Engines")
    imported(connect(page))
    contacts = dict(Contact.objects.values_list("email", "last_name"))
    assert contacts == dict.fromkeys(
        ["A0@example.org", "a1@example.org", "a2@example.org"], "Lovelace"
    )
    assert Contact.objects.get(email="A0@example.org").activities.count() == 2
    assert Contact.objects.get(email="A0@example.org").company_name == "Engines"


def test_it_goes_on_where_it_stopped(monkeypatch):
    monkeypatch.setattr(past_module, "BATCH", 2)
    page = make_form()
    submitted(page, 5)
    job = start_import(connect(page))
    held = take(job.pk)
    assert not advance(held)
    assert Activity.objects.count() == 2
    Job.objects.filter(pk=job.pk).update(held_until=None)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == ("finished", 5)
    assert Activity.objects.count() == 5


def test_the_conditions_that_can_be_judged_are(monkeypatch):
    monkeypatch.setattr(spam, "_checks", {})
    seen = []
    spam.register_check("look", "Look", lambda data, context: seen.append(context))
    page = make_form()
    submitted(page, 2)
    submitted(page, 1, company="x")
    conditions = {"honeypot": "company", "seconds": 60, "check": "look"}
    connected = connect(page, conditions=conditions, stamp_seen_at=timezone.now())
    job = imported(connected)
    assert job.counts == {"captured": 2, "refused": 1, "waiting": 0}
    assert seen[0].request is None
    assert seen[0].seconds is None


def test_consent_values_and_attributes_as_in_the_form():
    Attribute.objects.create(name="newsletter", label="Newsletter", type="boolean")
    fields = [("Your e-mail", "email"), ("Licences", "number"), ("Consent", "checkbox")]
    page = make_form(fields=fields)
    submitted(page, 1, licences="3.000", consent=True)
    connected = connect(
        page,
        {"your_e_mail": {"field": "email"}},
        value_field="licences",
        consent_field="consent",
        consent_attribute="newsletter",
    )
    imported(connected)
    assert Contact.objects.get().attributes == {"newsletter": True}
    # A number field checked it: "3.000" is three.
    assert Activity.objects.get().value == 3


def test_one_bad_submission_waits_and_the_others_come(caplog):
    page = make_form()
    submitted(page, 3)
    connected = connect(page)
    real = past_module.read

    def read(submission, *args):
        if submission.form_data["your_e_mail"].startswith("a1"):
            raise RuntimeError(submission.form_data["your_e_mail"])
        return real(submission, *args)

    with mock.patch.object(past_module, "read", read), caplog.at_level(logging.ERROR):
        job = imported(connected)
    assert job.counts == {"captured": 2, "refused": 0, "waiting": 1}
    assert "example.org" not in caplog.text


def test_a_batch_that_the_database_refuses_is_split():
    page = make_form()
    submitted(page, 3)
    with mock.patch.object(past_module, "record_many", side_effect=DataError):
        job = imported(connect(page))
    assert job.counts["captured"] == 3
    assert Contact.objects.count() == 3


def test_switched_off_meanwhile_it_stops():
    page = make_form()
    submitted(page, 1)
    connected = connect(page)
    job = start_import(connected)
    connected.enabled = False
    connected.save()
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == ("finished", 0)
    assert not LedgerEntry.objects.exists()


def test_a_batch_takes_the_same_number_of_statements_whatever_its_size():
    score = Score.objects.create(name="Ready")
    Rule.objects.create(
        score=score, name="Any", kind="activity", activity_type="form_submission", points=3
    )
    counts = []
    told = []

    def listen(changes, **kwargs):
        told.append(len(changes))

    contacts_changed.connect(listen)
    try:
        for number in (20, 200):
            page = make_form(f"f{number}")
            submitted(page, number, your_name="x")
            job = start_import(connect(page, overwrite=True))
            held = take(job.pk)
            with CaptureQueriesContext(connection) as captured:
                advance(held)
            counts.append(len(captured))
    finally:
        contacts_changed.disconnect(listen)
    assert told == [20, 200]
    assert Contact.objects.filter(score_points__points=6).count() == 20
    # SQLite takes 999 values a statement, so that its inserts come in parts; nothing else grows.
    assert counts[1] <= counts[0] + (15 if connection.vendor == "sqlite" else 2), counts
    assert counts[1] <= 50


def test_counting_ends_somewhere(monkeypatch):
    monkeypatch.setattr(past_module, "COUNTED_AT_MOST", 2)
    monkeypatch.setattr(past_module, "COUNTED_AT_ONCE", 2)
    page = make_form()
    submitted(page, 5)
    connected = connect(page)
    assert past(connected) == Past(2, more=True)
    job = imported(connected)
    assert (job.total, job.done) == (None, 5)
