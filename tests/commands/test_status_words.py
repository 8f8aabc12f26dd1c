"""`salesforce_status` as people read it: a site that stands still does not look healthy."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.connecting import connect
from tests.ready import PLAIN, make_contacts, ready, run
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.exceptions import REASONS
from wagtail_salesforce.replication.models import Incident


pytestmark = pytest.mark.django_db(transaction=True)


def words():
    out = StringIO()
    call_command("salesforce_status", stdout=out)
    return out.getvalue()


def document():
    out = StringIO()
    call_command("salesforce_status", "--json", stdout=out)
    return json.loads(out.getvalue())


def replicate():
    with pytest.raises(CommandError) as refusal:
        call_command("salesforce_replicate", stdout=StringIO())
    return str(refusal.value)


def told(code):
    return f"{REASONS[code].text} {REASONS[code].cure}"


def test_an_outage_is_told_with_its_runs_and_its_beginning(org, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    ready(org)
    make_contacts(2)
    org.fault("server_unavailable", path="/services/data")
    replicate()
    assert words().endswith(f"{told('org_unavailable')}\n"), "it may still pass by itself"
    for _each in range(4):
        replicate()
    lines = words().splitlines()
    assert lines[0].startswith("Connected as ")
    assert lines[1].startswith("Contacts due: 2, ") and "Due since 20" in lines[1]
    assert lines[2].startswith("The last run stopped 20")
    assert lines[2].endswith(str(REASONS["org_unavailable"].text))
    assert lines[3].startswith("- 5 runs were stopped, the first 20")
    assert "Nothing needs doing" not in lines[3] and "status.salesforce.com" in lines[3]
    assert len(lines) == 4
    org.clear_faults()
    run()
    assert [line[:21] for line in words().splitlines()[2:]] == ["The last run finished"]


def test_a_problem_that_has_stopped_runs_is_told_once(org):
    ready(org, default_company_name="")
    assert words().count(told("no_default_company")) == 1
    replicate()
    assert words().count(told("no_default_company")) == 1
    assert "- 1 run was stopped, 20" in words()


def test_fields_that_have_changed_are_named(org):
    org.add_field("Lead", name="Extra__c", label="Extra", type="string", length=40)
    connect(org)
    lead_describe(force=True)
    ready(org, fields={**PLAIN, "Extra__c": {"source": "field", "name": "city"}})
    assert "Fields changed" not in words()
    org.add_field("Lead", name="Extra__c", label="Extra", type="string", length=20)
    lead_describe(force=True)
    assert "- Fields changed in Salesforce since the mapping was saved: Extra__c." in words()


def test_with_another_key_it_is_not_connected_and_says_which_cure(org, settings):
    ready(org)
    make_contacts(1)
    key, settings.SECRET_KEY = settings.SECRET_KEY, "another key"
    assert replicate() == told("unreadable_secret")
    found = document()
    assert (found["connected"], found["problems"]) == (False, ["unreadable_secret"])
    assert "Connected as" not in words() and "not authorized" not in words()
    assert words().count(told("unreadable_secret")) == 1
    settings.SECRET_KEY = key
    Contact.objects.all().delete()
    run()
    assert Incident.objects.filter(ended_at=None).count() == 0, "that is known without a call"
    assert document()["connected"] is True


def test_what_has_ended_the_authorization_is_said_everywhere(org):
    ready(org)
    make_contacts(1)
    assert document()["authorization_ended_by"] is None
    org.options(client_credentials_user=None)
    org.expire_tokens()
    why = "client_credentials_user_missing"
    for _each in range(2):
        assert replicate() == told(why)
    assert words().count(told(why)) == 1
    found = document()
    assert (found["problems"], found["authorization_ended_by"]) == (["not_authorized"], why)
    out = StringIO()
    call_command("salesforce_status", "--format", "prometheus", stdout=out)
    assert f'authorization_ended{{reason="{why}"}} 1\n' in out.getvalue()
    with pytest.raises(CommandError) as refusal:
        call_command("salesforce_query", "SELECT Id FROM Lead", stdout=StringIO())
    assert str(refusal.value) == told(why), "and with one cure"
    Connection.objects.update(status_reason="of another version")
    assert told("not_authorized") in words()
