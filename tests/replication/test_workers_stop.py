"""A process that is asked to stop ends its slice in good order."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from tests.ready import make_contacts, ready, run
from tests.replication.test_meanwhile import meanwhile
from tests.replication.workers import team
from wagtail_salesforce.background import perform
from wagtail_salesforce.replication import bulk_run, interruption
from wagtail_salesforce.replication.models import Incident, LeadLink, Lease, Run
from wagtail_salesforce.salesforce.transport import GuardedSession


pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "threading.current_thread() is not threading.main_thread()",
        reason="Only the main thread hears signals.",
    ),
]

BOTH = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])


def killed(number):
    return lambda: os.kill(os.getpid(), number)


@BOTH
@pytest.mark.parametrize("workers", [1, 2])
def test_calls_under_way_are_recorded_and_no_other_begins(
    org, settings, monkeypatch, number, workers
):
    team(settings, workers)
    ready(org, batch_size=100)
    make_contacts(1500)
    send, before = GuardedSession.send, signal.getsignal(number)
    begun = []

    def asked_to_stop(self, request, **kwargs):
        if "/composite" in request.url:
            begun.append(request)
            if len(begun) == 2:
                os.kill(os.getpid(), number)
        return send(self, request, **kwargs)

    monkeypatch.setattr(GuardedSession, "send", asked_to_stop)
    result = run()
    assert (result.state, result.reason, result.more) == ("stopped", "interrupted", False)
    assert signal.getsignal(number) == before
    done = LeadLink.objects.filter(state="replicated").count()
    assert result.counts["created"] == done == len(org.leads())
    assert len(begun) <= 4 and done == len(begun) * 100
    kept = Run.objects.get()
    assert (kept.state, kept.reason, kept.created) == ("stopped", "interrupted", done)
    assert not LeadLink.objects.exclude(claimed_by="").exists()
    assert not Lease.objects.exclude(owner="").exists()
    assert not Incident.objects.exists()
    assert run().counts == {"created": 1500 - done}
    assert len(org.leads()) == 1500


def test_a_task_of_django_q2_ends_with_a_result(org):
    """Its workers have no handler of their own for SIGTERM, and would die in the middle."""
    ready(org, batch_size=10)
    make_contacts(50)
    with meanwhile(killed(signal.SIGTERM)):
        result = perform("wagtail_salesforce.replication.tasks.replicate_on_schedule")
    assert (result["state"], result["reason"]) == ("stopped", "interrupted")
    assert result["created"] == len(org.leads()) <= 20


def test_who_does_not_want_to_wait_presses_twice(org):
    ready(org, batch_size=10)
    make_contacts(50)

    def twice():
        killed(signal.SIGINT)()
        killed(signal.SIGINT)()

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), meanwhile(twice):
        run()
    assert signal.getsignal(signal.SIGINT) == before
    kept = Run.objects.get()
    assert (kept.state, kept.reason) == ("stopped", "interrupted")
    assert not Incident.objects.exists()
    assert run().state == "finished"
    assert len(org.leads()) == 50


def test_a_repeat_does_not_begin_any_more(org, monkeypatch):
    """A call that waits to be tried again counts as one that has not begun."""
    ready(org, batch_size=10)
    make_contacts(10)
    org.fault("server_error", path="/composite")
    asked = []

    def sleep(seconds):
        if seconds and not asked:
            asked.append(True)
            killed(signal.SIGTERM)()
            # The main thread hears of it a moment later, which in life is within the pause.
            assert interruption._asked.wait(10)

    monkeypatch.setattr("time.sleep", sleep)
    result = run()
    assert result.reason == "interrupted"
    assert len(org.calls(path="/composite")) == 1
    assert LeadLink.objects.filter(attempts=0, due_at__isnull=False).count() == 10


@BOTH
def test_who_asks_while_the_last_answers_come_in_gets_no_other_slice(org, monkeypatch, number):
    """The time of a slice is up, and nothing was to be sent in it any more."""
    ready(org, batch_size=10)
    make_contacts(10)

    slices = []

    def slice_over(walk, deadline):
        slices.append(deadline)
        os.kill(os.getpid(), number)
        return len(slices) == 1

    monkeypatch.setattr(bulk_run, "until_done", slice_over)
    result = run()
    assert (result.state, result.reason, result.more) == ("stopped", "interrupted", False)
    assert len(slices) == 1
    assert Run.objects.get().state == "stopped"
    assert not Lease.objects.exclude(owner="").exists()


def test_other_threads_are_left_alone():
    heard = []

    def elsewhere():
        with interruption.heeding_signals():
            heard.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert heard == [before]
