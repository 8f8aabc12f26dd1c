"""What the replicator does when single rows are refused: that contact, and no other, waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.ready import EXTERNAL_ID, PLAIN, make_contacts, ready, run
from tests.testapp.extensions import as_it_was
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.extensions import register_payload_hook, unregister_payload_hook
from wagtail_salesforce.replication.models import LeadLink


pytestmark = pytest.mark.django_db(transaction=True)

State = LeadLink.State
SENDS = "/composite"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)


@pytest.fixture(autouse=True)
def registered():
    with as_it_was():
        yield


def spoil(number, **values):
    """Let one contact's payload be wrong in a way that our own checks would have caught."""

    @register_payload_hook
    def change(leads):
        for lead in leads:
            if lead.payload["LastName"] == f"Person {number}":
                lead.payload |= values

    return change


def link_of(number):
    return LeadLink.objects.get(contact__last_name=f"Person {number}")


def rows_sent(org):
    return [call["rows"] for call in org.calls(path=SENDS)]


RULE = {"field": "City", "message": "Not in Leeds."}


# UNABLE_TO_LOCK_ROW


def test_a_row_that_stays_locked_waits_longer_each_time_and_comes_back_by_itself(org):
    ready(org)
    make_contacts(3)
    locked = link_of(1)
    org.fault("row_lock", external_ids=[locked.external_id])
    assert run().counts == {"created": 2, "postponed": 1}
    assert rows_sent(org) == [3, 1, 1]
    locked.refresh_from_db()
    assert (locked.state, locked.attempts) == (State.NEW, 1)
    assert locked.last_error_code == "UNABLE_TO_LOCK_ROW"
    now = timezone.now()
    for attempts in (1, 2, 3):
        assert locked.attempts == attempts
        wait = locked.due_at - now
        assert timedelta(0) < wait <= timedelta(minutes=2 ** (attempts - 1))
        with time_machine.travel(locked.due_at - timedelta(seconds=5)):
            assert run().counts == {}
        now = locked.due_at + timedelta(seconds=1)
        with time_machine.travel(now):
            assert run().counts == {"postponed": 1}
            now = timezone.now()
        locked.refresh_from_db()
    org.clear_faults()
    with time_machine.travel(timezone.now() + timedelta(hours=7)):
        assert run().counts == {"created": 1}
    locked.refresh_from_db()
    assert (locked.attempts, locked.last_error_code, locked.due_at) == (0, "", None)


# Request-level 400


@pytest.mark.parametrize("number", [0, 137, 199, 200, 450, 899])
def test_a_row_that_spoils_its_part_of_a_composite(org, number):
    """Five parts; only the one with the bad row is divided, and all the others are accepted."""
    ready(org)
    make_contacts(900)
    spoil(number, NumberOfEmployees="many")
    assert run().counts == {"created": 899, "suspended": 1}
    assert org.count_leads() == 899
    assert link_of(number).last_error_code == "JSON_PARSER_ERROR"
    first, *others = rows_sent(org)
    assert first == 900
    # The halves of one part, and then of the half that is still bad.
    assert sum(others) <= 2 * 200 + 8
    assert len(others) <= 8


def test_several_rows_that_spoil_their_requests_are_all_found(org):
    ready(org)
    make_contacts(450)
    for number in (3, 4, 250, 449):
        spoil(number, NumberOfEmployees="many")
    assert run().counts == {"created": 446, "suspended": 4}
    assert {link.contact.last_name for link in LeadLink.objects.filter(state="suspended")} == {
        "Person 3",
        "Person 4",
        "Person 250",
        "Person 449",
    }


def test_a_refused_call_that_no_row_is_to_blame_for_comes_through_in_halves(org):
    """A gateway that spoiled one body: nothing is wrong with any row."""
    ready(org)
    make_contacts(10)
    org.fault("malformed_400", count=1, path=SENDS)
    assert run().counts == {"created": 10}


# Refused rows


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"LastName": None}, "REQUIRED_FIELD_MISSING"),
        ({"City": "x" * 41}, "STRING_TOO_LONG"),
        ({"NumberOfEmployees": 10**9}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ({"Email": "no address"}, "INVALID_EMAIL_ADDRESS"),
        ({"Region__c": "W"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"OwnerId": "005000000000000AAA"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"Nowhere__c": "x"}, "INVALID_FIELD"),
        ({"Name": "Ada"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ],
)
def test_a_refused_row_suspends_its_contact_with_code_and_message(org, values, code):
    org.add_field("Lead", name="Region__c", type="picklist", picklist=["N", "S"], restricted=True)
    ready(org)
    make_contacts(5)
    hook = spoil(2, **values)
    assert run().counts == {"created": 4, "suspended": 1}
    link = link_of(2)
    assert (link.state, link.due_at, link.attempts) == (State.SUSPENDED, None, 1)
    assert link.last_error_code == code
    assert link.last_error_message
    org.clear_calls()
    assert run().counts == {}
    assert org.calls(path=SENDS) == []
    unregister_payload_hook(hook)
    Contact.objects.get(last_name="Person 2").save()
    assert run().counts == {"created": 1}


def test_a_validation_rule_of_the_organization(org):
    org.options(validation_rules=[RULE])
    ready(org)
    Contact.objects.create(email="a@example.org", last_name="One")
    Contact.objects.create(email="b@example.org", last_name="Two", city="Leeds")
    result = run()
    assert result.counts["suspended"] == 1
    link = LeadLink.objects.get(state=State.SUSPENDED)
    assert link.last_error_code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert "Not in Leeds." in link.last_error_message


def test_a_duplicate_value_of_another_unique_field(org):
    org.add_field("Lead", name="Badge__c", label="Badge", type="string", length=20, unique=True)
    ready(org, fields={**PLAIN, "Badge__c": {"source": "field", "name": "city"}})
    Contact.objects.create(email="a@example.org", last_name="One", city="77")
    run()
    Contact.objects.create(email="b@example.org", last_name="Two", city="77")
    assert run().counts == {"suspended": 1}
    link = LeadLink.objects.get(state=State.SUSPENDED)
    assert link.last_error_code == "DUPLICATE_VALUE"
    assert EXTERNAL_ID not in link.last_error_message


@pytest.mark.parametrize("way", ["contact", "mapping", "retry", "attributes"])
def test_the_ways_back_of_a_suspended_contact(org, way):
    settings = ready(org)
    contact, other = make_contacts(2)
    for link in LeadLink.objects.all():
        org.fault("row_error", count=1, code="X", message="No.", external_ids=[link.external_id])
    assert run().counts == {"suspended": 2}
    assert run().counts == {}
    if way == "contact":
        contact.save()
    elif way == "attributes":
        contact.attributes = {"anything": 1}
        contact.save()
    elif way == "mapping":
        Mapping.objects.get(pk=settings.mapping_id).save()
    else:
        due.retry(LeadLink.objects.filter(contact=contact))
    assert run().counts == {"created": 2 if way == "mapping" else 1}
    assert LeadLink.objects.get(contact=contact).state == State.REPLICATED


# DUPLICATES_DETECTED


@pytest.fixture
def duplicated(org):
    """A lead of sales' own making for the same person."""
    org.options(duplicate_rule={"match": ["Email"], "action": "allow_alert"})

    def make(**changes):
        ready(org, **changes)
        Contact.objects.create(email="a@example.org", last_name="One")
        run()
        # The contact is not ours any more; its lead stays.
        LeadLink.objects.update(external_id="0" * 32)
        Contact.objects.all().delete()
        return Contact.objects.create(email="a@example.org", last_name="Two")

    return make


def test_a_duplicate_suspends_until_the_policy_changes_and_somebody_retries(org, duplicated):
    contact = duplicated(duplicates="suspend")
    assert run().counts == {"suspended": 1}
    link = LeadLink.objects.get(contact=contact)
    assert (link.state, link.last_error_code) == (State.SUSPENDED, "DUPLICATES_DETECTED")
    assert "a@example.org" not in link.last_error_message
    assert run().counts == {}
    ready(org, duplicates="save")
    due.retry(LeadLink.objects.filter(pk=link.pk))
    assert run().counts == {"created": 1}
    assert len(org.leads()) == 2


def test_a_duplicate_is_saved_anyway_by_the_other_policy(org, duplicated):
    duplicated(duplicates="save")
    assert run().counts == {"created": 1}
    assert len(org.leads()) == 2


def test_a_blocking_duplicate_rule_suspends_whatever_the_policy(org):
    """`allowSave` overrides rules that alert, not those that block."""
    org.options(duplicate_rule={"match": ["Email"], "action": "block"})
    ready(org, duplicates="save")
    Contact.objects.create(email="a@example.org", last_name="One")
    run()
    second = make_contacts(1, email="A@example.org ", email_key=None)[0]
    assert run().counts == {"suspended": 1}
    assert LeadLink.objects.get(contact=second).last_error_code == "DUPLICATES_DETECTED"
