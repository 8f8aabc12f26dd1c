"""A site's own code chooses contacts and changes payloads; what fails is named and loses nobody."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.ready import EXTERNAL_ID, make_contacts, ready, run
from tests.testapp.extensions import as_it_was, fails
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.exceptions import ExtensionFailed, Transient
from wagtail_salesforce.replication import by_hand, due
from wagtail_salesforce.replication.dry_run import dry_run
from wagtail_salesforce.replication.engine import Request
from wagtail_salesforce.replication.extensions import (
    chosen,
    register_chooser,
    register_payload_hook,
    run_payload_hooks,
)
from wagtail_salesforce.replication.models import Incident, LeadLink, Run
from wagtail_salesforce.scoring.models import Score


pytestmark = pytest.mark.django_db(transaction=True)

State = LeadLink.State


@pytest.fixture(autouse=True)
def registered():
    with as_it_was():
        yield


def of_leeds(contact_ids):
    return Contact.objects.filter(pk__in=contact_ids, city="Leeds").values_list("pk", flat=True)


def last_names(org):
    return sorted(lead["LastName"] for lead in org.leads())


def our_log(caplog):
    return "\n".join(r.getMessage() for r in caplog.records if r.name == "wagtail_salesforce")


def test_a_chooser_narrows_what_is_sent_and_is_asked_again_when_the_contact_changes(org):
    ready(org)
    Contact.objects.create(email="a@example.org", last_name="Here", city="Leeds")
    other = Contact.objects.create(email="b@example.org", last_name="There", city="York")
    register_chooser(of_leeds)
    assert run().counts == {"created": 1}
    assert last_names(org) == ["Here"]
    link = LeadLink.objects.get(contact=other)
    assert (link.state, link.due_at, link.attempts) == (State.NEW, None, 0)
    other.city = "Leeds"
    other.save()
    assert run().counts == {"created": 1}


def test_a_chooser_holds_for_updates_for_the_dry_run_and_for_one_contact_by_hand(org):
    ready(org)
    contact = Contact.objects.create(email="a@example.org", last_name="One", city="Leeds")
    run()
    register_chooser(of_leeds)
    contact.last_name, contact.city = "Two", "York"
    contact.save()
    assert dry_run(Request("command")).counts == {}
    by_hand.ask_for(contact.pk)
    assert run(contact_id=contact.pk).counts == {}
    assert last_names(org) == ["One"]


def test_who_was_not_chosen_is_looked_at_again_on_demand(org):
    ready(org)
    contacts = make_contacts(3)
    wanted = set()
    register_chooser(lambda ids: wanted)
    assert run().counts == {}
    wanted.add(contacts[0].pk)
    assert run().counts == {}
    assert due.look_again([contact.pk for contact in contacts]) == 3
    assert run().counts == {"created": 1}


def test_a_chooser_cannot_add_whom_the_settings_hold_back(org):
    settings = ready(org, minimum_points=10)
    settings.choose_score(Score.objects.create(name="Ready"))
    settings.save()
    make_contacts(2)
    register_chooser(lambda ids: ids | set(Contact.objects.values_list("pk", flat=True)))
    assert run().counts == {}
    assert org.leads() == []


def test_several_choosers_must_all_agree(org):
    ready(org)
    first, *_others = make_contacts(3)
    register_chooser(lambda ids: ids - {first.pk})
    register_chooser(of_leeds)
    Contact.objects.update(city="Leeds")
    assert run().counts == {"created": 2}


def test_a_chooser_that_answers_something_else_than_ids_stops_the_run(org):
    ready(org)
    make_contacts(2)
    register_chooser(lambda ids: Contact.objects.filter(pk__in=ids))
    assert run().reason == "extension_failed"
    assert LeadLink.objects.filter(due_at__isnull=False).count() == 2


@pytest.mark.parametrize(
    ("field", "value"), [("AnnualRevenue", float("nan")), (EXTERNAL_ID, "somebody else's")]
)
def test_a_hook_clears_nothing_by_accident_and_takes_no_other_lead(org, field, value):
    ready(org)
    make_contacts(1)

    @register_payload_hook
    def sets(leads):
        for lead in leads:
            lead.payload[field] = value

    assert run().counts == {"suspended": 1}
    link = LeadLink.objects.get()
    assert link.last_error_code == "EXTENSION_FAILED"
    assert field in link.last_error_message
    assert org.leads() == []


@pytest.mark.parametrize("register", [register_chooser, register_payload_hook])
def test_one_that_fails_stops_the_run_by_name_and_loses_nobody(org, register, caplog, settings):
    ready(org)
    make_contacts(3)
    with as_it_was():
        register(fails)
        for _ in range(2):
            result = run()
            assert (result.state, result.reason) == ("stopped", "extension_failed")
    assert Run.objects.filter(reason="extension_failed").count() == 2
    assert LeadLink.objects.filter(due_at__isnull=False, attempts=0, state=State.NEW).count() == 3
    assert "tests.testapp.extensions.fails failed: KeyError at" in our_log(caplog)
    assert "ada@example.org" not in our_log(caplog)
    incident = Incident.objects.get()
    assert (incident.reason, incident.runs, incident.ended_at) == ("extension_failed", 2, None)
    assert run().counts == {"created": 3}
    incident.refresh_from_db()
    assert incident.ended_at is not None


def test_the_error_names_the_function_and_nothing_else(org):
    register_payload_hook(fails)
    with pytest.raises(ExtensionFailed) as failed:
        run_payload_hooks([], EXTERNAL_ID)
    assert (
        failed.value.message == "tests.testapp.extensions.fails of this site failed with KeyError."
    )
    assert failed.value.__cause__ is None


def test_a_chooser_that_answers_nothing_is_named_too(org):
    ready(org)
    make_contacts(1)
    register_chooser(lambda ids: None)
    assert run().reason == "extension_failed"


@pytest.mark.parametrize("register", [register_chooser, register_payload_hook])
def test_calls_under_way_are_recorded_when_a_later_window_fails(org, register):
    ready(org, batch_size=200)
    make_contacts(1500)
    asked = []

    def fails_the_second_time(given):
        asked.append(len(given))
        if len(asked) > 1:
            fails()
        return given

    register(fails_the_second_time)
    org.fault("delay", seconds=0.3, path="/composite")
    assert run().reason == "extension_failed"
    assert asked == [1000, 500]
    done = LeadLink.objects.filter(state=State.REPLICATED).count()
    assert done == org.count_leads() > 0
    assert LeadLink.objects.filter(due_at__isnull=False).count() == 1500 - done


def test_what_salesforce_says_to_a_hooks_own_call_counts_as_said_to_the_run(org):
    ready(org)
    make_contacts(1)

    @register_payload_hook
    def asks_salesforce(leads):
        raise Transient

    assert run().reason == "org_unavailable"


def test_a_hook_changes_clears_and_holds_back(org):
    ready(org)
    contact = Contact.objects.create(email="a@example.org", last_name="One", city="Leeds")
    Contact.objects.create(email="b@example.org", last_name="Two")
    run()
    Contact.objects.update(first_name="New")
    due.resend_all()

    @register_payload_hook
    def change(leads):
        for lead in leads:
            lead.payload |= {"City": None, "Title": "Changed"}
            if lead.contact_id != contact.pk:
                lead.refuse("Not on Sundays.")

    assert run().counts == {"updated": 1, "suspended": 1}
    [one] = [lead for lead in org.leads() if lead["LastName"] == "One"]
    assert (one["City"], one["Title"]) == (None, "Changed")
    link = LeadLink.objects.get(state=State.SUSPENDED)
    assert (link.last_error_code, link.last_error_message) == (
        "held_back_by_site",
        "Not on Sundays.",
    )


def test_a_hook_that_takes_leads_out_of_its_list_forgets_nobody(org):
    ready(org)
    make_contacts(3)
    register_payload_hook(list.clear)
    assert run().counts == {"created": 3}


@pytest.mark.parametrize(
    ("name", "value"),
    [("Title", object()), ("Title", {1, 2}), ("Id", "00Q000000000001AAA"), ("attributes", {})],
)
def test_what_a_hook_makes_impossible_is_refused_by_its_name(org, name, value):
    ready(org)
    make_contacts(2)

    @register_payload_hook
    def spoil(leads):
        leads[0].payload[name] = value

    assert run().counts == {"created": 1, "suspended": 1}
    link = LeadLink.objects.get(state=State.SUSPENDED)
    assert link.last_error_code == "EXTENSION_FAILED"
    assert "spoil of this site" in link.last_error_message
    assert name in link.last_error_message


def test_a_moment_from_a_hook_is_sent(org):
    org.add_field("Lead", name="Seen__c", label="Seen", type="datetime")
    ready(org)
    make_contacts(1)

    @register_payload_hook
    def seen(leads):
        leads[0].payload["Seen__c"] = datetime.fromisoformat("2026-03-29T01:30:00+00:00")

    assert run().counts == {"created": 1}
    assert org.leads()[0]["Seen__c"].startswith("2026-03-29T01:30:00")


def test_without_extensions_nothing_is_made():
    ids = {1, 2}
    assert chosen(ids) is ids
