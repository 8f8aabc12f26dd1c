"""Edits at any moment of a run, clocks that jump, zones and summer time: no contact is skipped."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.utils import timezone as django_timezone

from tests.ready import PLAIN, make_contacts, ready, run
from tests.replication.test_meanwhile import meanwhile
from wagtail_salesforce.contacts.models import Attribute, Company, CompanyMembership, Contact
from wagtail_salesforce.replication.engine import Request, run_slice
from wagtail_salesforce.replication.models import LeadLink, Run
from wagtail_salesforce.replication.prepare import Preparer
from wagtail_salesforce.replication.record import Recorder
from wagtail_salesforce.signals import after_batch, before_batch


pytestmark = pytest.mark.django_db(transaction=True)

State = LeadLink.State
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)


def rename(contact, name):
    edited = Contact.objects.get(pk=contact.pk)
    edited.last_name = name
    edited.save()


def names(org):
    return sorted(lead["LastName"] for lead in org.leads())


# Edits while a run is under way


@contextmanager
def just_before(monkeypatch, owner, method, action):
    """Do something once, right before a method of the engine does its work with something."""
    real, done = getattr(owner, method), []

    def wrapped(self, given, *more):
        if given and not done:
            done.append(True)
            action()
        return real(self, given, *more)

    with monkeypatch.context() as patch:
        patch.setattr(owner, method, wrapped)
        yield
    assert done


@contextmanager
def at_moment(monkeypatch, moment, action):
    """Do something once, at a moment of a run."""
    if moment == "read":
        with just_before(monkeypatch, Preparer, "prepare", action):
            yield
    elif moment == "answered":
        with just_before(monkeypatch, Recorder, "record", action):
            yield
    else:
        signal = before_batch if moment == "leaves" else after_batch
        with meanwhile(action, signal=signal):
            yield


MOMENTS = ["read", "leaves", "answered", "recorded"]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("known", [False, True])
def test_an_edit_at_any_moment_is_sent(org, monkeypatch, moment, known):
    ready(org)
    contacts = make_contacts(3)
    if known:
        run()
        for contact in contacts:
            rename(contact, "First edit")
    with at_moment(monkeypatch, moment, lambda: rename(contacts[1], "Latest")):
        run()
    assert "Latest" in names(org)
    assert len(org.leads()) == 3
    assert not LeadLink.objects.filter(due_at__isnull=False).exists()


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_edit_while_a_run_comes_to_a_bad_end_is_sent_later(org, monkeypatch, moment):
    ready(org, batch_size=200)
    contacts = make_contacts(600)
    org.fault("api_disabled", path="/composite", skip=1)
    with at_moment(monkeypatch, moment, lambda: rename(contacts[5], "Latest")):
        assert run().reason == "api_disabled"
    org.clear_faults()
    assert run().reason is None
    assert "Latest" in names(org)
    assert len(org.leads()) == 600


def test_an_edit_of_a_contact_that_is_refused_meanwhile_brings_it_back(org, monkeypatch):
    """Salesforce refused the old value; the new one has not been tried yet."""
    ready(org)
    bad = Contact.objects.create(email="no address", last_name="Bad")

    def mend():
        Contact.objects.filter(pk=bad.pk).update(email="a@example.org")
        rename(bad, "Mended")

    with at_moment(monkeypatch, "answered", mend):
        result = run()
    assert result.counts["created"] == 1
    assert names(org) == ["Mended"]


def test_a_company_renamed_while_its_members_travel(org):
    ready(org)
    company = Company.objects.create(name="Before")
    for contact in make_contacts(3, company_name=""):
        CompanyMembership.objects.create(company=company, contact=contact)

    def rename_company():
        company.name = "After"
        company.save()

    with meanwhile(rename_company):
        run()
    assert {lead["Company"] for lead in org.leads()} == {"After"}


def test_an_edit_in_the_pause_between_two_slices(org):
    ready(org)
    contacts = make_contacts(1500)
    first = run_slice(Request("command", budget_seconds=0))
    assert first.more
    rename(contacts[0], "Edited in the pause")
    run(run_id=first.run_id)
    assert "Edited in the pause" in names(org)
    assert Run.objects.count() == 1


# Clocks


def test_a_clock_set_back_by_an_hour_between_two_runs(org):
    """Nobody waits for the clock to catch up: neither the lease nor who is edited now."""
    ready(org)
    contacts = make_contacts(3)
    run()
    with time_machine.travel(django_timezone.now() - HOUR):
        rename(contacts[0], "Edited after the change")
        result = run()
    assert (result.state, result.counts) == ("finished", {"updated": 1})
    assert "Edited after the change" in names(org)


def test_who_was_marked_before_the_clock_was_set_back_goes_when_it_has_caught_up(org):
    ready(org)
    (contact,) = make_contacts(1)
    now = django_timezone.now()
    with time_machine.travel(now - HOUR):
        run()
    with time_machine.travel(now + timedelta(minutes=1)):
        run()
    assert names(org) == [contact.last_name]


@pytest.mark.parametrize("jump", [-HOUR, HOUR, -24 * HOUR])
def test_a_clock_that_jumps_while_a_batch_is_on_its_way(org, jump):
    ready(org, batch_size=200)
    contacts = make_contacts(600)
    now = django_timezone.now()
    traveller = time_machine.travel(now + jump)

    def change():
        traveller.start()
        rename(contacts[0], "Edited after the jump")

    try:
        with meanwhile(change):
            run()
        run()
    finally:
        traveller.stop()
    with time_machine.travel(now + 2 * HOUR):
        run()
    assert "Edited after the jump" in names(org)
    assert len(org.leads()) == 600
    assert not LeadLink.objects.filter(due_at__isnull=False).exists()


# Summer time: in London the clocks go back on 25 October 2026 at 01:00 UTC, forward on 29 March.

CHANGES = [
    datetime(2026, 10, 25, 1, tzinfo=timezone.utc),
    datetime(2026, 3, 29, 1, tzinfo=timezone.utc),
]


@pytest.mark.parametrize("change", CHANGES)
def test_edits_around_the_change_of_summer_time(org, change):
    """Every quarter of an hour somebody edits and the schedule runs."""
    ready(org)
    (contact,) = make_contacts(1)
    for minutes in range(-90, 105, 15):
        with time_machine.travel(change + timedelta(minutes=minutes)):
            rename(contact, f"Edited at {minutes}")
            LeadLink.objects.filter(due_at__gt=django_timezone.now()).update(
                due_at=django_timezone.now()
            )
            assert run().reason is None
        assert names(org) == [f"Edited at {minutes}"]


@pytest.mark.parametrize("change", CHANGES)
def test_a_row_put_off_across_the_change_waits_minutes_and_not_an_hour(org, change):
    ready(org)
    with time_machine.travel(change - timedelta(seconds=30), tick=False):
        make_contacts(1)
        org.fault("row_lock", count=3)
        run()
    link = LeadLink.objects.get()
    assert link.due_at == change + timedelta(seconds=30)
    with time_machine.travel(change + timedelta(seconds=29), tick=False):
        assert run().counts == {}
    with time_machine.travel(change + timedelta(seconds=31), tick=False):
        assert run().counts == {"created": 1}


def test_dates_keep_their_day_and_moments_their_instant(org):
    Attribute.objects.create(name="seen", label="Seen", type="datetime")
    org.add_field("Lead", name="Seen__c", label="Seen", type="datetime")
    org.add_field("Lead", name="Day__c", label="Day", type="date")
    seen = {"source": "attribute", "name": "seen"}
    ready(org, fields={**PLAIN, "Seen__c": seen, "Day__c": seen})
    moment = datetime(2026, 10, 25, 0, 30, tzinfo=ZoneInfo("Europe/London"), fold=1)
    Contact.objects.create(
        email="a@example.org", last_name="One", attributes={"seen": moment.isoformat()}
    )
    with django_timezone.override("Asia/Tokyo"):
        assert run().counts == {"created": 1}
    [lead] = org.leads()
    assert lead["Day__c"] == "2026-10-25"
    found = datetime.fromisoformat(lead["Seen__c"].replace("+0000", "+00:00"))
    assert found == moment


# A database in another time zone


@pytest.fixture(params=["Asia/Kolkata", "America/New_York", "Pacific/Kiritimati"])
def database_elsewhere(request, monkeypatch):
    """As the TIME_ZONE of a database in the settings, for every connection it makes from now on."""
    monkeypatch.setitem(connection.settings_dict, "TIME_ZONE", request.param)
    _zone_changed()
    yield request.param
    monkeypatch.undo()
    _zone_changed()


def _zone_changed():
    for name in ("timezone", "timezone_name"):
        vars(connection).pop(name, None)
    if connection.vendor == "postgresql":
        connection.ensure_timezone()


def test_a_database_in_another_time_zone(org, database_elsewhere):
    ready(org)
    contacts = make_contacts(3)
    before = django_timezone.now()
    assert run().counts == {"created": 3}
    for link in LeadLink.objects.all():
        assert before <= link.replicated_at <= django_timezone.now()
        assert link.due_at is None
    rename(contacts[0], "Edited")
    assert run().counts == {"updated": 1}
    assert "Edited" in names(org)
    assert run().counts == {}


def test_back_off_and_suspension_in_a_database_elsewhere(org, database_elsewhere):
    ready(org)
    locked, bad, good = make_contacts(3)
    links = {contact.pk: LeadLink.objects.get(contact=contact) for contact in (locked, bad)}
    org.fault("row_lock", external_ids=[links[locked.pk].external_id])
    org.fault("row_error", code="X", message="No.", external_ids=[links[bad.pk].external_id])
    before = django_timezone.now()
    assert run().counts == {"created": 1, "suspended": 1, "postponed": 1}
    put_off = LeadLink.objects.get(contact=locked)
    minute = timedelta(minutes=1)
    assert before + minute <= put_off.due_at <= django_timezone.now() + minute
    suspended = LeadLink.objects.get(contact=bad)
    assert before <= suspended.suspended_at <= django_timezone.now()
    org.clear_faults()
    assert run().counts == {}
    with time_machine.travel(put_off.due_at + timedelta(seconds=1)):
        assert run().counts == {"created": 1}
