"""The commands say when others have the work, and why one contact does not go."""

from __future__ import annotations

import json
import os
import signal
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.ready import make_contacts, ready
from tests.replicating import replicate
from tests.replication.bulk_help import one_slice
from tests.replication.workers import team
from wagtail_salesforce.exceptions import REASONS
from wagtail_salesforce.replication import bulk_run
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings, Run


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("naps")]


def document(*arguments):
    code, out, _err = replicate(*arguments, "--json")
    return code, json.loads(out.splitlines()[-1])


def held_by_another(links):
    """As the claims of a worker on another machine, which is at work."""
    soon = timezone.now() + timedelta(minutes=5)
    links.update(claimed_by="replication-1:7", claimed_until=soon)


def test_contacts_that_another_worker_has(org, settings):
    team(settings)
    ready(org)
    make_contacts(3)
    held_by_another(LeadLink.objects.all())
    code, out, _err = replicate()
    assert code == 0
    assert out.startswith("Created 0, ")
    assert "3 contacts are under way in Bulk jobs or with other workers. " in out
    code, found = document()
    assert (code, found["under_way"]) == (0, 3)
    LeadLink.objects.update(claimed_by="", claimed_until=None)
    assert document()[1] | {"api_calls": 1} == found | {
        "created": 3,
        "under_way": 0,
        "api_calls": 1,
    }


def test_one_contact_that_is_in_a_job(org):
    ready(org)
    contacts = make_contacts(8)
    assert one_slice().more
    code, out, _err = replicate("--contact", contacts[0].email)
    assert code == 0
    assert "1 contact is under way in a Bulk job or with another worker. " in out
    assert document("--contact", contacts[0].email)[1]["under_way"] == 1
    code, out, _err = replicate()
    assert out.startswith("Created 8, ") and "under way" not in out


def test_who_is_stopped_while_a_job_is_under_way_leaves_it_to_the_next_and_says_so(
    org, monkeypatch
):
    ready(org)
    make_contacts(250)

    def asked_to_stop(seconds):
        os.kill(os.getpid(), signal.SIGTERM)

    org.options(bulk_rows_at_once=200)
    monkeypatch.setattr(bulk_run, "sleep", asked_to_stop)
    code, _out, err = replicate()
    assert code == 1
    assert err.startswith(str(REASONS["interrupted"].text))
    assert "250 contacts are under way in Bulk jobs" in err


@pytest.mark.parametrize("option", [(), ("--dry-run",)])
def test_one_contact_whose_lead_is_not_kept_updated(org, option):
    ready(org)
    first, second = make_contacts(2)
    replicate("--contact", first.email)
    ReplicationSettings.objects.update(keep_leads_updated=False)
    org.clear_calls()
    code, _out, err = replicate("--contact", first.email, *option)
    assert (code, err.splitlines()[0]) == (
        1,
        f"{REASONS['updates_off'].text} {REASONS['updates_off'].cure}",
    )
    assert document("--contact", first.email, *option)[1]["reason"] == "updates_off"
    assert org.calls() == []
    assert document("--contact", second.email)[1]["created"] == 1


def test_one_call_is_one_call(org):
    ready(org, batch_size=1000)
    make_contacts(2)
    replicate()
    make_contacts_again = LeadLink.objects.update(due_at=timezone.now(), version=5, fingerprint="")
    assert make_contacts_again == 2
    assert replicate()[1].splitlines()[0].endswith(", with 1 API call.")
    assert replicate()[1].splitlines()[0].endswith(", with 0 API calls.")


def status(*arguments):
    out = StringIO()
    call_command("salesforce_status", *arguments, stdout=out)
    return out.getvalue()


def test_a_run_under_way_is_told_and_not_hidden_by_one_that_left_at_once(org):
    ready(org)
    make_contacts(8)
    assert one_slice().more
    Run.objects.create(state="finished", trigger="command", finished_at=timezone.now())
    assert "A run is under way, begun 20" in status()
    assert "Under way in Bulk jobs: 8." in status()
    assert json.loads(status("--json"))["last_run"]["state"] == "running"
    silent = timezone.now() - timedelta(minutes=4)
    Run.objects.filter(state="running").update(heartbeat_at=silent)
    assert json.loads(status("--json"))["last_run"]["state"] == "finished", (
        "a dead one is not at work"
    )
