"""`salesforce_status` as metrics for a monitor."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.connecting import connect
from tests.ready import PLAIN, ready, run
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.models import Incident
from wagtail_salesforce.replication.prometheus import as_text
from wagtail_salesforce.replication.status import status


pytestmark = pytest.mark.django_db(transaction=True)


def metrics(*arguments):
    out = StringIO()
    call_command("salesforce_status", "--format", "prometheus", *arguments, stdout=out)
    lines = [line for line in out.getvalue().splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_after_a_run(org):
    ready(org)
    for number in range(3):
        Contact.objects.create(email=f"{number}@example.org", last_name="Doe")
    run()
    Contact.objects.create(email="later@example.org", last_name="Doe")
    found = metrics()
    assert found["wagtail_salesforce_connected"] == 1
    assert found["wagtail_salesforce_contacts_due"] == 1
    assert found["wagtail_salesforce_oldest_due_timestamp_seconds"] > 1_700_000_000
    assert found['wagtail_salesforce_lead_links{state="replicated"}'] == 3
    assert found['wagtail_salesforce_last_run_info{state="finished",reason=""}'] == 1
    assert found['wagtail_salesforce_last_run_contacts{outcome="created"}'] == 3
    assert found["wagtail_salesforce_last_run_api_calls"] >= 1
    assert found["wagtail_salesforce_api_calls_max"] > 0
    assert found["wagtail_salesforce_reserve_percent"] == 20


def test_before_anything_is_set_up():
    found = metrics()
    assert found["wagtail_salesforce_connected"] == 0
    assert found['wagtail_salesforce_problem{reason="not_authorized"}'] == 1
    assert not any("last_run" in name or "api_calls" in name for name in found)


def test_drift_and_open_incidents(org):
    field = {"name": "Extra__c", "label": "Extra", "type": "string"}
    org.add_field("Lead", length=40, **field)
    org.add_field("Lead", name="Gone__c", label="Gone", type="string", length=40)
    more = {name: {"source": "field", "name": "city"} for name in ("Extra__c", "Gone__c")}
    connect(org)
    lead_describe(force=True)
    ready(org, fields={**PLAIN, **more})
    assert metrics()["wagtail_salesforce_drift_fields"] == 0
    assert not any("incident" in name for name in metrics())
    org.add_field("Lead", length=20, **field)
    org.remove_field("Lead", "Gone__c")
    lead_describe(force=True)
    run()
    found = metrics()
    assert found["wagtail_salesforce_drift_fields"] == 2
    assert found["wagtail_salesforce_drift_breaking_fields"] == 1
    assert found['wagtail_salesforce_incident_runs{reason="mapping_broken"}'] == 1
    name = 'wagtail_salesforce_incident_began_timestamp_seconds{reason="mapping_broken"}'
    assert found[name] > 1_700_000_000
    told = 'wagtail_salesforce_incident_told_timestamp_seconds{reason="mapping_broken"}'
    assert found[told] == 0
    Incident.objects.update(told_at=timezone.now())
    assert metrics()[told] > 1_700_000_000
    Incident.objects.update(told_at=None)
    [incident] = status()["incidents"]
    assert (incident["reason"], incident["runs"], incident["told"]) == ("mapping_broken", 1, None)


def test_not_beside_json():
    with pytest.raises(CommandError) as refusal:
        metrics("--json")
    assert refusal.value.returncode == 2


def test_values_of_labels_are_escaped():
    status = {
        "connected": True,
        "api_calls_used": None,
        "api_calls_max": None,
        "reserve_percent": 20,
        "authorization_ended_by": None,
        "due": 0,
        "postponed": 0,
        "oldest_due": None,
        "in_bulk": 0,
        "links": {'a"b\\c\nd': 1},
        "problems": [],
        "drift": [],
        "incidents": [],
        "last_run": None,
    }
    assert r'lead_links{state="a\"b\\c\nd"} 1' in as_text(status)
    assert as_text(status).endswith("\n")
