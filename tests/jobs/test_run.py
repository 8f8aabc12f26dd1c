"""Jobs are done once, step by step, whatever happens to the worker."""

from __future__ import annotations

import logging
from datetime import timedelta
from unittest.mock import Mock

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone
from django_q.models import OrmQ

from tests.cluster import work
from wagtail_salesforce.jobs import cancel, retry, start
from wagtail_salesforce.jobs.models import Job, latest_job
from wagtail_salesforce.jobs.run import (
    KEPT,
    REST,
    SILENCE,
    TRIES,
    Lost,
    advance,
    purge,
    run_job,
    run_waiting,
    take,
)


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def committed(django_capture_on_commit_callbacks, monkeypatch):
    """What is queued on commit is queued at once."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda task, **kwargs: task())


def test_a_job_is_done_by_the_cluster_with_its_counts(counting):
    job = start("count", {"to": 5}, subject="here", total=5)
    assert job.state == "waiting"
    work()
    job.refresh_from_db()
    assert (job.state, job.done, job.percent, job.counts) == ("finished", 5, 100, {"counted": 5})
    assert counting.numbers == [0, 1, 2, 3, 4]
    assert job.started_at and job.finished_at
    assert latest_job("count", "here") == job


def test_an_unknown_kind_is_refused_when_it_is_started():
    with pytest.raises(LookupError, match="'unheard'"):
        start("unheard")


def test_a_slice_that_is_over_queues_its_continuation(counting):
    job = start("count", {"to": 6})
    assert run_job(job.pk, seconds=0) == {"state": "paused", "done": 2}
    job.refresh_from_db()
    assert (job.state, job.cursor, job.percent) == ("running", 2, None)
    work()
    job.refresh_from_db()
    assert job.state == "finished"
    assert counting.numbers == [0, 1, 2, 3, 4, 5]


def test_one_worker_at_a_time(counting):
    job = start("count", {"to": 5})
    mine = take(job.pk)
    assert run_job(job.pk) == {"state": "stopped", "reason": "not_waiting"}
    assert not advance(mine)
    assert counting.numbers == [0, 1]


def test_a_dead_workers_job_goes_on_at_the_cursor(counting):
    job = start("count", {"to": 5})
    with time_machine.travel(timezone.now(), tick=False) as clock:
        advance(take(job.pk))
        assert run_waiting()["jobs"] == 0
        clock.shift(SILENCE + timedelta(seconds=1))
        assert run_waiting()["jobs"] == 1
        work()
    job.refresh_from_db()
    assert (job.state, counting.numbers) == ("finished", [0, 1, 2, 3, 4])


def test_a_worker_that_wakes_up_too_late_changes_nothing(counting):
    job = start("count", {"to": 9})
    with time_machine.travel(timezone.now(), tick=False) as clock:
        late = take(job.pk)
        clock.shift(SILENCE + timedelta(seconds=1))
        other = take(job.pk)
        advance(other)
        with pytest.raises(Lost):
            advance(late)
    job.refresh_from_db()
    assert (job.cursor, job.done) == (2, 2)


def test_a_failure_is_kept_by_its_class_alone_and_can_be_repeated(counting, caplog):
    job = start("count", {"to": 5, "breaks_at": 3})
    with caplog.at_level(logging.ERROR):
        work()
    job.refresh_from_db()
    assert (job.state, job.reason, job.cursor, job.done) == ("failed", "ZeroDivisionError", 2, 2)
    assert counting.told == ["failed"]
    assert "secret@example.com" not in caplog.text
    Job.objects.filter(pk=job.pk).update(parameters={"to": 5})
    assert retry(job)
    work()
    job.refresh_from_db()
    assert (job.state, job.reason, job.done) == ("finished", "", 5)
    assert not retry(job)


def test_cancelled_between_two_steps(counting):
    job = start("count", {"to": 9})
    mine = take(job.pk)
    advance(mine)
    assert cancel(job)
    with pytest.raises(Lost):
        advance(mine)
    job.refresh_from_db()
    assert (job.state, job.done) == ("cancelled", 2)
    assert counting.told == ["cancelled"]
    assert not cancel(job)
    assert run_job(job.pk)["reason"] == "not_waiting"


def test_a_job_for_later_waits_for_its_time(counting):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        job = start("count", {"to": 1}, at=timezone.now() + timedelta(hours=2))
        assert work() == 0
        assert run_job(job.pk)["reason"] == "not_waiting"
        clock.shift(timedelta(hours=2, seconds=1))
        run_waiting()
        work()
    job.refresh_from_db()
    assert job.state == "finished"


def test_what_was_over_long_ago_is_forgotten(counting):
    old, failed, waiting = (start("count", {"to": 1}) for _ in range(3))
    with time_machine.travel(timezone.now(), tick=False) as clock:
        run_job(old.pk)
        clock.shift(KEPT + timedelta(days=1))
        run_job(failed.pk)
        assert purge() == 1
    assert set(Job.objects.all()) == {failed, waiting}


def test_a_database_that_refuses_is_asked_again_later(counting, monkeypatch, caplog):
    job = start("count", {"to": 3})
    refusals = [OperationalError("deadlock"), OperationalError("deadlock")]

    def refuse(*args):
        raise refusals.pop()

    with time_machine.travel(timezone.now(), tick=False) as clock:
        with monkeypatch.context() as patch:
            patch.setattr("wagtail_salesforce.jobs.run._remember", refuse)
            assert run_job(job.pk)["state"] == "paused"
            assert run_job(job.pk)["reason"] == "not_waiting"
            clock.shift(REST + timedelta(seconds=1))
            assert run_job(job.pk)["state"] == "paused"
        job.refresh_from_db()
        assert (job.state, job.tries, job.cursor) == ("waiting", 2, None)
        clock.shift(2 * REST)
        run_waiting()
        work()
    job.refresh_from_db()
    assert (job.state, job.tries, job.done) == ("finished", 0, 3)


def test_a_database_that_goes_on_refusing_ends_it(counting, monkeypatch):
    job = start("count", {"to": 3})
    Job.objects.filter(pk=job.pk).update(tries=TRIES)
    monkeypatch.setattr("wagtail_salesforce.jobs.run._remember", Mock(side_effect=OperationalError))
    assert run_job(job.pk) == {"state": "stopped", "reason": "OperationalError"}
    job.refresh_from_db()
    assert job.state == "failed"


def test_a_lost_continuation_is_queued_again(counting):
    job = start("count", {"to": 6})
    run_job(job.pk, seconds=0)
    OrmQ.objects.all().delete()
    assert run_waiting()["jobs"] == 1
    work()
    job.refresh_from_db()
    assert job.state == "finished"
