"""Several worker processes on one PostgreSQL: nobody is sent twice, nobody is left over."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, connections
from django.utils import timezone

from tests.connecting import connect_by_person
from tests.ready import EXTERNAL_ID, make_contacts, ready, run
from tests.replication.worker_process import WINDOW, environment, workers
from tests.replication.workers import team
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.replication.models import LeadLink, Lease, Run


pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="Several processes need PostgreSQL."
    ),
]

CONTACTS = 2400
COMPOSITE = "/composite"


@pytest.fixture
def backlog(org):
    """Contacts that are due, at an org that takes its time."""
    ready(org, batch_size=50)
    lead_describe()
    make_contacts(CONTACTS)
    org.clear_calls()
    org.fault("delay", seconds=0.05, path=COMPOSITE)
    return org


def sent_rows(org) -> int:
    return sum(call["rows"] or 0 for call in org.calls(path=COMPOSITE))


def assert_all_are_there(org) -> None:
    leads = org.leads()
    assert len(leads) == CONTACTS
    assert set(Counter(lead[EXTERNAL_ID] for lead in leads).values()) == {1}
    assert LeadLink.objects.filter(state="replicated", due_at=None).count() == CONTACTS
    assert not LeadLink.objects.exclude(claimed_by="").exists()
    assert not Lease.objects.exclude(owner="").exists()


def wait_for_calls(org, number: int) -> None:
    for _look in range(400):
        if sum(call["status"] == 200 for call in org.calls(path=COMPOSITE)) >= number:
            return
        time.sleep(0.05)
    raise AssertionError(list(Run.objects.values_list("state", "reason", "created", "api_calls")))


def test_each_row_is_sent_once(backlog):
    with workers(3, CALLS_IN_FLIGHT=2) as started:
        told = [each.told() for each in started]
    assert {each["reason"] for each in told} == {None}
    assert sum(each["created"] for each in told) == CONTACTS
    assert all(each["created"] for each in told)
    assert sent_rows(backlog) == CONTACTS
    assert_all_are_there(backlog)
    assert set(Run.objects.values_list("state", flat=True)) == {"finished"}


def test_one_of_them_is_killed_in_the_middle(backlog, settings):
    team(settings, 3)
    with workers(3) as started:
        wait_for_calls(backlog, 12)
        started[1].process.kill()
        told = [started[0].told(), started[2].told()]
    assert {each["reason"] for each in told} == {None}
    run()
    with time_machine.travel(timezone.now() + timedelta(minutes=4)):
        run()
    assert_all_are_there(backlog)
    # What was under way is sent again at once (and, as the leads turn out to exist, as an update),
    # and its whole claim once more when all is calm.
    under_way, claimed = 2 * 50, WINDOW
    assert CONTACTS <= sent_rows(backlog) <= CONTACTS + 2 * under_way + claimed


def test_the_token_is_renewed_again_and_again(backlog):
    row = connect_by_person(backlog)
    backlog.options(rotation=True)
    with workers(3) as started:
        for number in range(1, 4):
            # All of them have the new token by then.
            wait_for_calls(backlog, 12 * number)
            backlog.expire_tokens()
        told = [each.told() for each in started]
    assert {each["reason"] for each in told} == {None}
    assert_all_are_there(backlog)
    after = Connection.load()
    assert after.is_authorized
    assert 1 < after.token_generation - row.token_generation <= 3


@pytest.mark.parametrize("in_flight", [1, 4])
def test_the_reserve_is_reached_exactly(backlog, in_flight):
    backlog.set_allowance(max=50, used=7)
    with workers(3, CALLS_IN_FLIGHT=in_flight) as started:
        told = [each.told() for each in started]
    assert {each["reason"] for each in told} == {"api_reserve"}
    assert backlog.set_allowance()["used"] == 40
    assert len(backlog.calls(counted=True)) == 33 == sum(each["api_calls"] for each in told)
    assert not LeadLink.objects.exclude(attempts=0).exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_is_asked_to_stop(backlog, number):
    command = [sys.executable, "-m", "django", "salesforce_replicate", "--json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=environment(), stdout=pipe, stderr=pipe, text=True
    ) as process:
        wait_for_calls(backlog, 3)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    document = json.loads(out.splitlines()[-1])
    assert (process.returncode, document["reason"]) == (1, "interrupted")
    assert "Traceback" not in err
    assert document["created"] == len(backlog.leads()) < CONTACTS
    assert not Lease.objects.exclude(owner="").exists()
    assert run().counts["created"] == CONTACTS - document["created"]
    assert_all_are_there(backlog)


def test_a_worker_of_django_q2_is_asked_to_stop(backlog):
    """Its cluster gives workers the system's own handler for SIGTERM: they die at once."""
    from django_q.worker import worker

    fork = multiprocessing.get_context("fork")
    todo, done, timer = fork.Queue(), fork.Queue(), fork.Value("f", -1)
    task = {"id": "1", "name": "replicate", "kwargs": {}, "started": timezone.now()}
    task["func"] = "wagtail_salesforce.background.perform"
    task["args"] = ("wagtail_salesforce.replication.tasks.replicate_on_schedule",)
    connections.close_all()
    process = fork.Process(target=_as_in_a_cluster, args=(worker, todo, done, timer))
    process.start()
    todo.put(task)
    wait_for_calls(backlog, 3)
    os.kill(process.pid, signal.SIGTERM)
    result = done.get(timeout=30)["result"]
    todo.put("STOP")
    process.join(30)
    assert process.exitcode == 0
    assert (result["state"], result["reason"]) == ("stopped", "interrupted")
    assert result["created"] == len(backlog.leads()) < CONTACTS
    assert Run.objects.get().reason == "interrupted"


def _as_in_a_cluster(worker, *queues):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    worker(*queues)
