"""Changes of the organization's fields, met by runs: what stops, what goes on, what is known."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.ready import EXTERNAL_ID, PLAIN, make_contacts, ready, run
from wagtail_salesforce.connection.models import DescribeSnapshot
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.extensions import (
    register_payload_hook,
    unregister_payload_hook,
)
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.replication.preflight import mapping_drift, mapping_errors, problems
from wagtail_salesforce.replication.status import status


pytestmark = pytest.mark.django_db(transaction=True)

EXTRA = {"Extra__c": {"source": "field", "name": "city"}}
LATER = timedelta(minutes=61)


@pytest.fixture
def mapped(org):
    """A site at work, whose mapping fills a field that the tests then change."""
    org.add_field("Lead", name="Extra__c", label="Extra", type="string", length=40)
    ready(org, fields={**PLAIN, **EXTRA})
    make_contacts(3, city="Leeds")
    assert run().counts == {"created": 3}
    org.clear_calls()
    return org


def changed() -> list[tuple[str, str, bool]]:
    mapping = ReplicationSettings.load().mapping
    return [(each.field, each.code, each.breaks) for each in mapping_drift(mapping)]


def everybody_changes() -> None:
    Contact.objects.update(job_title="Other")
    due.resend_all()


def one_changes() -> None:
    contact = Contact.objects.earliest("pk")
    contact.job_title = "Other"
    contact.save()


def test_a_first_run_remembers_the_fields_of_a_mapping_saved_before(mapped):
    mapping = Mapping.objects.get()
    assert mapping.known_fields["Extra__c"]["length"] == 40
    assert mapping.known_fields[EXTERNAL_ID]["unique"] is True
    assert mapping.revision == 1, "a run under way is not disturbed"
    assert changed() == []


def test_a_later_run_keeps_what_was_remembered(mapped):
    mapped.add_field("Lead", name="Extra__c", length=20)
    with time_machine.travel(timezone.now() + LATER):
        everybody_changes()
        run()
    assert Mapping.objects.get().known_fields["Extra__c"]["length"] == 40


def test_a_shorter_field_is_found_by_the_run_and_stops_nothing(mapped):
    mapped.add_field("Lead", name="Extra__c", length=20)
    assert changed() == [], "nobody has read the fields again yet"
    with time_machine.travel(timezone.now() + LATER):
        everybody_changes()
        assert run().counts == {"updated": 3}
        assert changed() == [("Extra__c", "shortened", False)]
        assert problems() == []
        assert status()["drift"] == [{"field": "Extra__c", "code": "shortened", "breaks": False}]


def test_it_costs_at_most_one_describe_an_hour_and_none_where_nothing_is_due(mapped):
    with time_machine.travel(timezone.now() + LATER):
        assert run().counts == {}
        assert mapped.calls() == []
        for _ in range(3):
            everybody_changes()
            run()
        assert len(mapped.calls(path="describe")) == 1


def test_looking_costs_no_call(mapped):
    mapped.add_field("Lead", name="Extra__c", length=20)
    lead_describe(force=True)
    mapped.clear_calls()
    with time_machine.travel(timezone.now() + 48 * LATER):
        assert changed() == [("Extra__c", "shortened", False)]
    assert mapped.calls() == []


BREAKING = [
    ({"type": "boolean"}, "type_changed"),
    ({"updateable": False}, "read_only"),
]


@pytest.mark.parametrize(("change", "code"), BREAKING)
def test_a_change_that_breaks_pauses_and_is_named(mapped, change, code):
    mapped.add_field("Lead", name="Extra__c", **change)
    with time_machine.travel(timezone.now() + LATER):
        everybody_changes()
        assert run().reason == "mapping_broken"
        assert changed() == [("Extra__c", code, True)]
        assert [each.field for each in mapping_errors(Mapping.objects.get())] == ["Extra__c"]
    assert not LeadLink.objects.filter(state="suspended").exists()
    assert LeadLink.objects.filter(due_at__isnull=False).count() == 3


def test_a_field_that_comes_back_lets_replication_go_on_by_itself(mapped):
    mapped.remove_field("Lead", "Extra__c")
    with time_machine.travel(timezone.now() + LATER):
        everybody_changes()
        assert run().reason == "mapping_broken"
        assert changed() == [("Extra__c", "removed", True)]
        mapped.add_field("Lead", name="Extra__c", label="Extra", type="string", length=40)
        assert run().counts == {"updated": 3}, "what a run refused is read again by the next"
        assert changed() == []


def test_a_single_contact_is_not_to_blame_for_a_field_that_is_gone(mapped):
    mapped.add_field("Lead", name="Extra__c", updateable=False)
    one_changes()
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert run().reason == "mapping_broken"
        assert run().reason == "mapping_broken"
        assert changed() == [("Extra__c", "read_only", True)]
        assert not LeadLink.objects.filter(state="suspended").exists()
        mapped.add_field("Lead", name="Extra__c", updateable=True)
        lead_describe(force=True)
        assert run().counts == {"updated": 1}, "it is due still, and goes by itself"


@pytest.fixture
def misspelt():
    """Code of the site's own that writes a field which does not exist."""

    @register_payload_hook
    def add(leads):
        for lead in leads:
            lead.payload["Nowhere__c"] = "x"

    yield
    unregister_payload_hook(add)


def test_a_contact_is_to_blame_once_the_fields_were_read_again(mapped, misspelt):
    one_changes()
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert run().reason == "mapping_broken"
        assert run().counts == {"suspended": 1}
        assert LeadLink.objects.get(state="suspended").last_error_code == "INVALID_FIELD"
        assert len(mapped.calls(path="describe")) == 1


def test_fields_that_were_read_just_now_are_not_read_again(mapped, misspelt):
    one_changes()
    assert run().counts == {"suspended": 1}


def test_one_contact_in_a_refused_request_is_found_where_the_fields_are_known(mapped):
    everybody_changes()
    mapped.fault("request_error", path="/composite", status=400, code="INVALID_FIELD", count=1)
    assert run().counts == {"updated": 3}


def test_an_identifier_that_may_be_twice_stops_with_its_own_reason(mapped):
    mapped.add_field("Lead", name=EXTERNAL_ID, unique=False)
    with time_machine.travel(timezone.now() + LATER):
        everybody_changes()
        assert run().reason == "no_external_id"
        assert changed() == [(EXTERNAL_ID, "identifier_lost", True)]
        lead_describe()
        assert problems() == ["no_external_id"], "the panel says what the run says"
        mapped.add_field("Lead", name=EXTERNAL_ID, unique=True)
        assert run().reason == "no_external_id", "it was read just now"
        assert run().counts == {"updated": 3}


def test_a_field_that_salesforce_requires_all_at_once(mapped):
    mapped.add_field("Lead", name="Region__c", type="string", length=20, nillable=False)
    with time_machine.travel(timezone.now() + LATER):
        everybody_changes()
        assert run().reason == "mapping_broken"
        assert changed() == [("Region__c", "newly_required", True)]


def test_saving_accepts_the_fields_as_they_are(mapped):
    mapped.add_field("Lead", name="Extra__c", length=20)
    lead_describe(force=True)
    assert changed() == [("Extra__c", "shortened", False)]
    Mapping.objects.get().save()
    assert changed() == []
    assert Mapping.objects.get().known_fields["Extra__c"]["length"] == 20


def test_rows_that_cannot_be_read_are_saved_and_remember_nothing(mapped):
    for fields in ([], "nonsense", 7, {"City": None}, {"City": {"source": 1}}):
        mapping = Mapping.objects.get()
        mapping.fields = fields
        mapping.save()
        assert Mapping.objects.get().known_fields == {}
        assert changed() == []
        assert problems() == ["mapping_broken"], fields


def test_a_mapping_saved_while_nothing_is_known_remembers_nothing_yet(mapped):
    DescribeSnapshot.objects.all().delete()
    Mapping.objects.get().save()
    assert Mapping.objects.get().known_fields == {}
    everybody_changes()
    run()
    assert Mapping.objects.get().known_fields["Extra__c"]["length"] == 40
