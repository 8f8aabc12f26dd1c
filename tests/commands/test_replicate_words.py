"""What `salesforce_replicate` says to people: what stopped it first, and who was left behind."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from tests.ready import make_contacts, ready
from tests.replicating import replicate
from tests.testapp.extensions import as_it_was, fails
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.exceptions import REASONS
from wagtail_salesforce.replication.extensions import register_chooser, register_payload_hook
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.replication.status import status


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def registered():
    with as_it_was():
        yield


def document(*arguments):
    return json.loads(replicate(*arguments, "--json")[1].splitlines()[-1])


def words_of(code):
    return f"{REASONS[code].text} {REASONS[code].cure}"


def of_leeds(contact_ids):
    return Contact.objects.filter(pk__in=contact_ids, city="Leeds").values_list("pk", flat=True)


def test_a_stopped_run_says_why_and_what_to_do_and_no_zeros(org):
    ready(org)
    make_contacts(1)
    ReplicationSettings.objects.update(enabled=False)
    assert replicate() == (1, "", words_of("disabled"))


def test_what_was_done_before_the_stop_stands_below_it(org):
    ready(org)
    Contact.objects.create(email="no address", last_name="Bad")
    make_contacts(3)
    ReplicationSettings.objects.update(batch_size=1)
    org.fault("api_disabled", path="/composite", skip=3)
    code, out, err = replicate()
    lines = err.splitlines()
    assert (code, out) == (1, "")
    assert lines[0] == words_of("api_disabled")
    assert lines[1].startswith("Before that: created 2, suspended 1, with ")
    assert "updated" not in err
    assert "Contacts that need attention" in lines[2]


def test_contacts_that_are_tried_again_later_are_counted(org):
    ready(org)
    make_contacts(3)
    locked, *_others = LeadLink.objects.values_list("external_id", flat=True).order_by("pk")
    org.fault("row_lock", external_ids=[locked])
    code, out, _err = replicate()
    assert code == 0
    assert out.splitlines()[0].startswith("Created 2, ")
    assert out.splitlines()[1].startswith("Postponed: 1. ")
    assert (status()["postponed"], status()["last_run"]["postponed"]) == (1, 1)
    again = document()
    assert (again["created"], again["postponed"]) == (0, 0), "they are not of this run"
    out = StringIO()
    call_command("salesforce_status", stdout=out)
    assert "To be tried again later: 1." in out.getvalue()
    out = StringIO()
    call_command("salesforce_status", "--format", "prometheus", stdout=out)
    assert "wagtail_salesforce_contacts_postponed 1\n" in out.getvalue()
    assert 'last_run_contacts{outcome="postponed"} 0\n' in out.getvalue()
    org.clear_faults()
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert document()["created"] == 1
        assert status()["postponed"] == 0


def test_nobody_postponed_is_not_mentioned(org):
    ready(org)
    make_contacts(1)
    assert "Postponed" not in replicate()[1]
    out = StringIO()
    call_command("salesforce_status", stdout=out)
    assert "again later" not in out.getvalue()


@pytest.mark.parametrize("option", [(), ("--dry-run",)])
def test_one_contact_that_a_chooser_rejects_is_told_with_the_chooser(org, option):
    ready(org)
    [contact] = make_contacts(1)
    register_chooser(lambda ids: ids)
    register_chooser(of_leeds)
    org.clear_calls()
    code, _out, err = replicate("--contact", contact.email, *option)
    assert code == 1
    assert "held back by tests.commands.test_replicate_words.of_leeds" in err
    assert str(REASONS["contact_held_back"].text) not in err
    assert contact.email not in err
    assert document("--contact", contact.email, *option)["reason"] == "contact_held_back"
    assert org.calls() == []
    Contact.objects.update(city="Leeds")
    assert document("--contact", contact.email)["created"] == 1


def test_one_contact_and_a_chooser_that_fails(org):
    ready(org)
    [contact] = make_contacts(1)
    register_chooser(fails)
    code, _out, err = replicate("--contact", contact.email)
    assert code == 1
    assert "tests.testapp.extensions.fails" in err
    assert "ada@" not in err
    assert document("--contact", contact.email)["reason"] == "extension_failed"


def test_a_function_that_ends_the_run_is_named(org):
    ready(org)
    make_contacts(1)
    register_payload_hook(fails)
    code, out, err = replicate()
    assert (code, out) == (1, "")
    assert err == f"{words_of('extension_failed')} The function is tests.testapp.extensions.fails."
