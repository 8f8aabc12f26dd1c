"""`salesforce_replicate` and `salesforce_status`: the contract for scripts."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.ready import make_contacts, ready
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.lease import take_lease
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.scoring.models import Score


pytestmark = pytest.mark.django_db(transaction=True)

KEYS = {
    "state",
    "reason",
    "created",
    "updated",
    "unchanged",
    "suspended",
    "excluded",
    "postponed",
    "api_calls",
    "under_way",
}


def call(name, *arguments):
    """Run a command with --json; (exit code, document)."""
    out = io.StringIO()
    try:
        call_command(name, *arguments, "--json", stdout=out, stderr=io.StringIO())
        code = 0
    except CommandError as error:
        code = error.returncode
    lines = out.getvalue().splitlines()
    return code, json.loads(lines[-1]) if lines else None


def replicate(*arguments):
    code, document = call("salesforce_replicate", *arguments)
    assert set(document) == KEYS
    return code, document


def test_a_finished_run_exits_with_0_even_if_contacts_were_suspended(org):
    ready(org)
    make_contacts(3)
    Contact.objects.create(email="no address", last_name="Bad")
    code, document = replicate()
    assert code == 0
    assert set(document) == KEYS
    assert (document["state"], document["reason"]) == ("finished", None)
    assert (document["created"], document["suspended"]) == (3, 1)
    assert document["api_calls"] >= 1


PREFLIGHT = {
    "disabled": {"enabled": False},
    "no_mapping": {"mapping": None},
    "batch_size": {"batch_size": 1001},
    "minimum_points": {"minimum_points": -1, "by_score": True},
    "schedule_minutes": {"schedule_minutes": 0},
    "reserve_percent": {"api_reserve_percent": 100},
    "assignment_rule": {"assignment_rule": "005000000000001AAA"},
    "consent_missing": {"consent_attribute": "gone"},
    "score_missing": {"by_score": True, "score": None},
    "no_default_company": {"default_company_name": " "},
    "invalid_lead_description": {"lead_description": "{{ contact.shoe_size }}"},
    "org_changed": {"org_id": "00D000000000099AAA"},
}


@pytest.mark.parametrize("reason", PREFLIGHT)
def test_a_named_reason_exits_with_1_and_no_call_is_wasted(org, reason):
    ready(org)
    make_contacts(1)
    ReplicationSettings.objects.update(**PREFLIGHT[reason])
    org.clear_calls()
    code, document = replicate()
    assert (code, document["state"], document["reason"]) == (1, "stopped", reason)
    assert org.calls() == []
    assert reason in call("salesforce_status")[1]["problems"]


def test_not_connected(db):
    ReplicationSettings.load()
    ReplicationSettings.objects.update(enabled=True, default_company_name="Unknown")
    code, document = replicate()
    assert (code, document["reason"]) == (1, "not_authorized")


def test_a_mapping_without_an_external_identifier(org):
    ready(org)
    Mapping.objects.update(external_id_field="")
    assert replicate()[1]["reason"] == "no_external_id"


def test_a_field_that_vanished_pauses_replication(org):
    ready(org)
    make_contacts(1)
    Mapping.objects.update(fields={"Gone__c": {"source": "field", "name": "city"}})
    code, document = replicate()
    assert (code, document["reason"]) == (1, "mapping_broken")


def test_a_deleted_score_never_means_everyone(org):
    score = Score.objects.create(name="Ready")
    settings = ready(org)
    settings.choose_score(score)
    settings.save()
    make_contacts(2)
    score.delete()
    assert replicate()[1]["reason"] == "score_missing"
    assert org.leads() == []


def test_a_second_runner_is_told_so(org):
    ready(org)
    held = take_lease()
    code, document = replicate()
    assert (code, document["state"], document["reason"]) == (1, "busy", "busy")
    held.release()


def test_a_dry_run_sends_and_records_nothing(org):
    ready(org)
    make_contacts(3)
    org.clear_calls()
    code, document = replicate("--dry-run")
    assert (code, document["created"]) == (0, 3)
    assert org.leads() == []
    ReplicationSettings.objects.update(enabled=False)
    assert replicate("--dry-run")[1]["reason"] == "disabled"
    assert LeadLink.objects.filter(due_at=None).count() == 0


def test_a_dry_run_tells_people_what_would_happen(org):
    ready(org)
    make_contacts(3)
    out = io.StringIO()
    call_command("salesforce_replicate", "--dry-run", stdout=out)
    assert out.getvalue().startswith("Nothing was sent. A run would create 3, update 0, ")
    call_command("salesforce_replicate", stdout=out)
    assert "Created 3, updated 0, " in out.getvalue()


def test_a_dry_run_that_would_stop_forecasts_no_numbers(org):
    ready(org)
    make_contacts(3)
    ReplicationSettings.objects.update(enabled=False)
    out = io.StringIO()
    with pytest.raises(CommandError, match="switched off"):
        call_command("salesforce_replicate", "--dry-run", stdout=out)
    assert out.getvalue() == "Nothing was sent, and a run would stop.\n"


def test_people_are_told_where_the_reasons_of_suspended_contacts_stand(org):
    ready(org)
    org.fault("row_error", code="X", message="No.")
    make_contacts(1)
    out = io.StringIO()
    call_command("salesforce_replicate", stdout=out)
    assert "suspended 1" in out.getvalue()
    assert "Contacts that need attention" in out.getvalue()


def test_one_contact_goes_whatever_its_score(org):
    settings = ready(org)
    settings.choose_score(Score.objects.create(name="Ready"))
    settings.minimum_points = 100
    settings.save()
    make_contacts(3)
    assert replicate()[1]["created"] == 0
    code, document = replicate("--contact", "PERSON1@example.org")
    assert (code, document["created"]) == (0, 1)
    assert [lead["Email"] for lead in org.leads()] == ["person1@example.org"]
    code, document = replicate("--contact", "nobody@example.org")
    assert (code, document["reason"]) == (1, "unknown_contact")


def test_exclusion_and_consent_hold_also_for_one_contact(org):
    Attribute.objects.create(name="agreed", label="Agreed", type="boolean")
    ready(org, consent_attribute="agreed")
    first, second = make_contacts(2, attributes={"agreed": True})
    due.exclude(LeadLink.objects.filter(contact=first))
    Contact.objects.filter(pk=second.pk).update(attributes={})
    for contact in (first, second):
        code, document = replicate("--contact", contact.email)
        assert (code, document["reason"]) == (1, "contact_held_back")
    assert org.leads() == []
    second.attributes = {"agreed": True}
    second.save()
    assert replicate()[1]["created"] == 1


def test_reconciling_finds_what_direct_sql_changed(org):
    ready(org)
    make_contacts(3)
    replicate()
    Contact.objects.filter(email="person1@example.org").update(last_name="Renamed")
    Contact.objects.bulk_create([Contact(email="x@example.org", last_name="Unseen")])
    assert replicate()[1]["updated"] == 0
    code, document = replicate("--reconcile")
    assert code == 0
    assert (document["created"], document["updated"], document["unchanged"]) == (1, 1, 2)


def test_status_tells_how_things_stand(org):
    ready(org)
    make_contacts(2)
    code, document = call("salesforce_status")
    assert code == 0
    assert (document["due"], document["last_run"], document["problems"]) == (2, None, [])
    replicate()
    document = call("salesforce_status")[1]
    assert document["connected"] is True
    assert document["links"] == {
        "new": 0,
        "replicated": 2,
        "suspended": 0,
        "excluded": 0,
        "erased": 0,
    }
    assert (document["due"], document["oldest_due"]) == (0, None)
    assert document["last_run"]["created"] == 2
    assert document["last_run"]["started"] <= document["last_run"]["finished"]
    assert document["org_id"].startswith("00D")
    assert document["api_calls_used"] > 0
    assert document["api_calls_max"] >= document["api_calls_used"]
    assert document["reserve_percent"] == 20


def test_people_read_sentences(org):
    ready(org)
    make_contacts(1)
    out = io.StringIO()
    call_command("salesforce_replicate", stdout=out)
    assert "Created 1" in out.getvalue()
    out = io.StringIO()
    call_command("salesforce_status", stdout=out)
    assert "Connected as" in out.getvalue()


@pytest.mark.parametrize("command", ["salesforce_replicate", "salesforce_status"])
def test_wrong_arguments_exit_with_2(command):
    with pytest.raises(CommandError) as refused:
        call_command(command, "--no-such-option")
    assert refused.value.returncode == 2


def test_wrong_settings_exit_with_2(settings):
    settings.WAGTAIL_SALESFORCE = {"COLOUR": "red"}
    assert call("salesforce_status")[0] == 2
