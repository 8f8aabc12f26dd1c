"""Leads that are no leads any more: converted, deleted, merged away; and ids in their short form."""

from __future__ import annotations

import pytest

from tests.ready import make_contacts, ready, run
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.models import LeadLink


pytestmark = pytest.mark.django_db(transaction=True)

State = LeadLink.State


def replicated(org, count, **changes):
    ready(org, **changes)
    contacts = make_contacts(count)
    run()
    return contacts


def link_of(contact):
    return LeadLink.objects.get(contact=contact)


def edit(*contacts):
    for contact in contacts:
        contact.last_name = "Edited"
        contact.save()


def shorten_ids():
    """As data of another system, or somebody's SQL, has them: 15 characters, case-sensitive."""
    for link in LeadLink.objects.exclude(lead_id=""):
        LeadLink.objects.filter(pk=link.pk).update(lead_id=link.lead_id[:15])


def test_a_short_id_updates_its_lead_and_is_completed(org):
    (contact,) = replicated(org, 1)
    shorten_ids()
    edit(contact)
    assert run().counts == {"updated": 1}
    [lead] = org.leads()
    assert (lead["LastName"], link_of(contact).lead_id) == ("Edited", lead["Id"])


@pytest.mark.parametrize("short", [False, True])
def test_a_lead_merged_away_names_the_survivor(org, short):
    first, second = replicated(org, 2)
    survivor = link_of(first).lead_id
    org.merge(link_of(second).lead_id, into=survivor)
    if short:
        shorten_ids()
    edit(second)
    assert run().counts == {"excluded": 1}
    link = link_of(second)
    assert (link.state, link.excluded_reason) == (State.EXCLUDED, "merged")
    assert (link.surviving_lead_id, link.last_error_code) == (survivor, "MERGED")
    assert run().counts == {}


def test_a_survivor_that_was_merged_away_itself_leads_to_the_last_one(org):
    first, second, third = replicated(org, 3)
    last = link_of(third).lead_id
    org.merge(link_of(first).lead_id, into=link_of(second).lead_id)
    org.merge(link_of(second).lead_id, into=last)
    edit(first, second)
    assert run().counts == {"excluded": 2}
    assert {link_of(first).surviving_lead_id, link_of(second).surviving_lead_id} == {last}


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize(("policy", "counts"), [("exclude", "excluded"), ("create", "created")])
def test_a_deleted_lead_follows_the_policy(org, policy, counts, short):
    (contact,) = replicated(org, 1, deleted_leads=policy)
    old = link_of(contact).lead_id
    org.delete(old)
    if short:
        shorten_ids()
    edit(contact)
    assert run().counts == {counts: 1}
    link = link_of(contact)
    if policy == "exclude":
        assert (link.state, link.excluded_reason) == (State.EXCLUDED, "deleted")
        assert org.leads() == []
    else:
        [lead] = org.leads()
        assert (link.state, link.lead_id) == (State.REPLICATED, lead["Id"])
        assert lead["Id"] != old


@pytest.mark.parametrize("short", [False, True])
def test_a_converted_lead_is_left_to_sales(org, short):
    contact, other = replicated(org, 2)
    org.convert(link_of(contact).lead_id)
    if short:
        shorten_ids()
    edit(contact, other)
    assert run().counts == {"excluded": 1, "updated": 1}
    link = link_of(contact)
    assert (link.excluded_reason, link.last_error_code) == (
        "converted",
        "CANNOT_UPDATE_CONVERTED_LEAD",
    )
    edit(contact)
    assert run().counts == {}


def test_an_upsert_that_meets_a_converted_lead_excludes_too(org):
    """The answer to the first upsert was lost, and sales was quick."""
    (contact,) = replicated(org, 1)
    link = link_of(contact)
    org.convert(link.lead_id)
    LeadLink.objects.update(lead_id="", state=State.NEW, fingerprint="")
    due.resend_all()
    assert run().counts == {"excluded": 1}
    assert link_of(contact).excluded_reason == "converted"
    assert len(org.leads()) == 1


@pytest.mark.parametrize("end", ["convert", "delete", "merge"])
def test_included_again_the_contact_gets_a_lead_of_its_own(org, end):
    contact, other = replicated(org, 2)
    before = link_of(contact)
    if end == "merge":
        org.merge(before.lead_id, into=link_of(other).lead_id)
    else:
        getattr(org, end)(before.lead_id)
    edit(contact)
    run()
    assert due.include(LeadLink.objects.filter(pk=before.pk)) == 1
    assert run().counts == {"created": 1}
    link = link_of(contact)
    assert link.external_id != before.external_id
    assert link.lead_id not in ("", before.lead_id)
    assert link.surviving_lead_id == ""


def test_every_kind_of_end_in_one_batch(org):
    contacts = replicated(org, 300)
    ids = {contact.pk: link_of(contact).lead_id for contact in contacts}
    for contact in contacts[:20]:
        org.convert(ids[contact.pk])
    for contact in contacts[20:40]:
        org.delete(ids[contact.pk])
    for contact in contacts[40:60]:
        org.merge(ids[contact.pk], into=ids[contacts[299].pk])
    Contact.objects.update(last_name="Edited")
    due.resend_all()
    org.clear_calls()
    assert run().counts == {"excluded": 60, "updated": 240}
    found = LeadLink.objects.filter(state=State.EXCLUDED)
    assert {
        reason: found.filter(excluded_reason=reason).count()
        for reason in ("converted", "deleted", "merged")
    } == {"converted": 20, "deleted": 20, "merged": 20}
    assert set(found.filter(excluded_reason="merged").values_list("surviving_lead_id")) == {
        (ids[contacts[299].pk],)
    }
    assert len(org.calls(counted=True)) <= 4
