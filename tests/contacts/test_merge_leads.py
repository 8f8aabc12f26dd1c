"""What becomes of leads when contacts are merged, also while a batch is on its way."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.ready import ready, run
from tests.replication.test_meanwhile import meanwhile
from wagtail_salesforce.contacts.erase import erase
from wagtail_salesforce.contacts.merge import merge, preview_merge
from wagtail_salesforce.contacts.models import Activity, Contact
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.models import LeadLink


pytestmark = pytest.mark.django_db(transaction=True)

State, Excluded = LeadLink.State, LeadLink.Excluded


def person(name, **values):
    return Contact.objects.create(email=f"{name}@example.org", last_name=name, **values)


def leads(org):
    """Last name by lead id."""
    return {lead["Id"]: lead["LastName"] for lead in org.leads()}


def test_who_has_a_lead_keeps_it(org):
    ready(org)
    survivor = person("Survivor")
    run()
    other = person("Other", job_title="Countess")
    assert "stays is kept" in preview_merge(survivor, other).lead
    merge(survivor.pk, other.pk)
    assert run().counts == {"updated": 1}
    [lead] = org.leads()
    assert (lead["LastName"], lead["Title"]) == ("Survivor", "Countess")


def test_the_only_lead_moves_to_the_survivor(org):
    ready(org)
    other = person("Other")
    run()
    [lead] = org.leads()
    survivor = person("Survivor")
    assert "becomes the lead" in preview_merge(survivor, other).lead
    merge(survivor.pk, other.pk)
    assert LeadLink.objects.get(contact=survivor).lead_id == lead["Id"]
    assert run().counts == {"updated": 1}
    assert leads(org) == {lead["Id"]: "Survivor"}


def test_two_leads_stay_on_record(org, admin_client):
    ready(org)
    survivor, other = person("Survivor"), person("Other")
    run()
    theirs = LeadLink.objects.get(contact=other).lead_id
    assert "Both have a lead" in preview_merge(survivor, other).lead
    merge(survivor.pk, other.pk)
    second = LeadLink.objects.get(contact=None)
    assert (second.state, second.excluded_reason) == (State.EXCLUDED, Excluded.SECOND)
    assert (second.lead_id, second.merged_into) == (theirs, survivor)
    assert run().counts == {"unchanged": 1}
    page = admin_client.get(reverse("wagtail_salesforce:attention")).content.decode()
    assert "A second lead" in page
    assert "merge the two leads there" in page
    assert theirs in page
    assert "Survivor" in page
    export = admin_client.get(reverse("wagtail_salesforce:attention") + "?export=csv")
    assert theirs in export.getvalue().decode()


def test_a_second_lead_follows_when_the_survivor_is_merged_too(org):
    ready(org)
    survivor, other, last = person("Survivor"), person("Other"), person("Last")
    run()
    merge(survivor.pk, other.pk)
    merge(last.pk, survivor.pk)
    assert set(LeadLink.objects.filter(contact=None).values_list("merged_into", flat=True)) == {
        last.pk
    }


def test_a_lead_that_is_gone_in_salesforce_is_no_reason_to_drop_a_living_one(org):
    ready(org)
    survivor, other = person("Survivor"), person("Other")
    run()
    mine = LeadLink.objects.get(contact=survivor)
    theirs = LeadLink.objects.get(contact=other).lead_id
    org.delete(mine.lead_id)
    survivor.job_title = "Countess"
    survivor.save()
    assert run().counts == {"excluded": 1}
    assert "is gone in Salesforce" in preview_merge(survivor, other).lead
    merge(survivor.pk, other.pk)
    assert LeadLink.objects.get(contact=survivor).lead_id == theirs
    assert run().counts == {"updated": 1}


@pytest.mark.parametrize("excluded", ["survivor", "other"])
@pytest.mark.parametrize("sent", ["survivor", "other", "both", "none"])
def test_an_excluded_contact_stays_excluded(org, excluded, sent):
    ready(org)
    people = {"survivor": person("Survivor"), "other": person("Other")}
    LeadLink.objects.update(due_at=None)
    for name, contact in people.items():
        if sent in (name, "both"):
            contact.save()
    run()
    due.exclude(LeadLink.objects.filter(contact=people[excluded]))
    merge(people["survivor"].pk, people["other"].pk)
    link = LeadLink.objects.get(contact=people["survivor"])
    assert (link.state, link.excluded_reason) == (State.EXCLUDED, Excluded.BY_HAND)
    assert link.due_at is None
    assert bool(link.lead_id) == (sent != "none")
    assert run().counts == {}


@pytest.mark.parametrize("required", ["survivor", "other"])
def test_required_is_not_lost(org, required):
    ready(org)
    people = {"survivor": person("Survivor"), "other": person("Other")}
    due.require(LeadLink.objects.filter(contact=people[required]))
    merge(people["survivor"].pk, people["other"].pk)
    assert LeadLink.objects.get(contact=people["survivor"]).required


def test_a_suspended_survivor_is_tried_again_with_the_merged_values(org):
    ready(org)
    survivor = Contact.objects.create(email="ada@example.org")
    run()
    assert LeadLink.objects.get(contact=survivor).state == State.SUSPENDED
    other = person("Lovelace")
    merge(survivor.pk, other.pk)
    assert run().counts == {"created": 1}
    assert list(leads(org).values()) == ["Lovelace"]


def test_merged_while_the_leads_of_both_are_being_made(org):
    """Each outcome is recorded where it belongs: no lead is lost from sight."""
    ready(org)
    survivor, other = person("Survivor"), person("Other")
    with meanwhile(lambda: merge(survivor.pk, other.pk)):
        run()
    by_name = {name: lead for lead, name in leads(org).items()}
    assert LeadLink.objects.get(contact=survivor).lead_id == by_name["Survivor"]
    second = LeadLink.objects.get(contact=None)
    assert (second.lead_id, second.excluded_reason) == (by_name["Other"], Excluded.SECOND)
    assert len(by_name) == 2


def test_merged_while_the_survivors_lead_is_being_made_and_the_others_is_there(org):
    ready(org)
    other = person("Other")
    run()
    theirs = LeadLink.objects.get(contact=other).lead_id
    survivor = person("Survivor")
    with meanwhile(lambda: merge(survivor.pk, other.pk)):
        run()
    run()
    assert LeadLink.objects.get(contact=survivor).lead_id == theirs
    second = LeadLink.objects.get(contact=None)
    assert second.lead_id not in ("", theirs)
    assert leads(org)[theirs] == "Survivor"
    assert set(leads(org)) == {theirs, second.lead_id}


def test_merged_while_the_others_lead_is_being_changed(org):
    """The old values may win the race in Salesforce; the survivor's are sent after them."""
    ready(org)
    other = person("Other")
    run()
    [lead] = org.leads()
    other.job_title = "Old"
    other.save()
    survivor = person("Survivor")
    LeadLink.objects.filter(contact=survivor).update(due_at=None)
    with meanwhile(lambda: merge(survivor.pk, other.pk)):
        run()
    run()
    assert leads(org) == {lead["Id"]: "Survivor"}
    link = LeadLink.objects.get(contact=survivor)
    assert (link.due_at, link.synced_version) == (None, link.version)


def test_a_shortened_value_of_a_contact_that_was_merged_meanwhile(org):
    """The note about it goes to the survivor, and the run goes on."""
    ready(org)
    other = person("Other")
    run()
    other.city = "c" * 100
    other.save()
    survivor = person("Survivor", city="London")
    LeadLink.objects.filter(contact=survivor).update(due_at=None)
    with meanwhile(lambda: merge(survivor.pk, other.pk)):
        assert run().state == "finished"
    assert Activity.objects.get(type="lead_shortened").contact == survivor


def test_a_shortened_value_of_a_contact_that_was_erased_meanwhile(org):
    ready(org)
    contact = person("Other", city="c" * 100)
    with meanwhile(lambda: erase([contact.pk])):
        assert run().state == "finished"
    assert not Activity.objects.exists()


def test_erasing_the_survivor_buries_the_second_lead_as_well(org):
    ready(org)
    survivor, other = person("Survivor"), person("Other")
    run()
    merge(survivor.pk, other.pk)
    erase([survivor.pk])
    assert set(LeadLink.objects.values_list("state", flat=True)) == {State.ERASED}
