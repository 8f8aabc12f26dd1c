"""Recalculation as a job: now or later, resumed, cancelled, failed, and its score's status."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
import time_machine
from django.utils import timezone

from tests.scoring.builders import FORM, change_points, crossings, held, make_score, people
from wagtail_salesforce import jobs
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.jobs.run import advance, run_job, run_waiting, take
from wagtail_salesforce.scoring import building, stages
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.recalculate import (
    cancel_recalculation,
    recalculate,
    request_recalculation,
)


pytestmark = pytest.mark.django_db

Status = Score.Status


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(stages, "chunk_size", lambda score: 2)
    monkeypatch.setattr(stages, "SETTLED_CHUNK", 2)
    assert building.CHUNK > 2


@pytest.fixture
def contacts():
    return people(5)


@pytest.fixture
def score(contacts):
    score = make_score(FORM, notify_at=35)
    change_points(score, 10)
    return score


def status(score):
    score.refresh_from_db()
    return score.status


def test_it_shows_how_far_it_is_and_ends_ready(score, contacts):
    job = take(request_recalculation(score).pk)
    assert status(score) == Status.RECALCULATION_REQUIRED
    seen = []
    while not advance(job):
        seen.append((job.done, job.total, status(score)))
    assert [done for done, total, _status in seen[:4]] == [0, 2, 4, 5]
    assert {total for _done, total, _status in seen} == {5}
    assert seen[0][2] == Status.RECALCULATING
    assert (job.state, status(score)) == (Job.State.FINISHED, Status.READY)
    assert [held(contact, score) for contact in contacts] == [None, 10, 20, 30, 40]


def test_whoever_dies_is_followed_by_one_who_goes_on_at_the_cursor(score, contacts):
    with crossings() as told:
        job = take(request_recalculation(score).pk)
        for _step in range(3):
            advance(job)
        with time_machine.travel(timezone.now() + timedelta(minutes=10)):
            assert run_waiting()["jobs"] == 1
            with mock.patch.object(stages, "build", side_effect=stages.build) as built:
                run_job(job.pk)
        assert [call.args[0] for call in built.call_args_list] == [[contacts[4].pk]]
        run_job(request_recalculation(score).pk)
    assert told == [(contacts[4].pk, 40)]
    assert status(score) == Status.READY


def test_new_rules_make_it_begin_anew(score, contacts):
    job = take(request_recalculation(score).pk)
    for _step in range(3):
        advance(job)
    change_points(score, 7)
    assert request_recalculation(score).pk == job.pk
    advance(job)
    assert (job.done, status(score)) == (0, Status.RECALCULATING)
    while not advance(job):
        pass
    assert status(score) == Status.READY
    assert [held(contact, score) for contact in contacts] == [None, 7, 14, 21, 28]
    assert not ScorePoints.objects.exclude(generation=score.generation).exists()


def test_rules_changed_after_the_switch_are_not_forgotten(score, contacts):
    job = take(request_recalculation(score).pk)
    while status(score) != Status.READY:
        advance(job)
    change_points(score, 7)
    while not advance(job):
        pass
    assert (held(contacts[4], score), status(score)) == (28, Status.READY)


def test_at_a_set_time(score, contacts):
    night = timezone.now() + timedelta(hours=8)
    first = request_recalculation(score, at=night)
    score.refresh_from_db()
    assert score.recalculate_at == night
    assert run_job(first.pk)["reason"] == "not_waiting"
    second = request_recalculation(score, at=night + timedelta(hours=1))
    first.refresh_from_db()
    assert first.state == Job.State.CANCELLED
    with time_machine.travel(night + timedelta(hours=2)):
        run_job(second.pk)
    assert (status(score), score.recalculate_at) == (Status.READY, None)
    assert held(contacts[1], score) == 10


def test_cancelling_what_waits_or_is_under_way(score, contacts):
    request_recalculation(score, at=timezone.now() + timedelta(hours=8))
    assert cancel_recalculation(score)
    assert (status(score), score.recalculate_at) == (Status.RECALCULATION_REQUIRED, None)
    assert not cancel_recalculation(score)
    job = take(request_recalculation(score).pk)
    advance(job)
    advance(job)
    assert cancel_recalculation(score)
    assert status(score) == Status.RECALCULATION_REQUIRED
    assert held(contacts[1], score) == 3
    recalculate(score)
    assert held(contacts[1], score) == 10
    assert not ScorePoints.objects.exclude(generation=score.generation).exists()


def test_cancelled_after_the_switch_it_still_tells_the_rest(score, contacts):
    with crossings() as told:
        job = take(request_recalculation(score).pk)
        while status(score) != Status.READY:
            advance(job)
        cancel_recalculation(score)
        rest = Job.objects.latest("pk")
        assert rest.pk != job.pk
        run_job(rest.pk)
    assert told == [(contacts[4].pk, 40)]
    score.refresh_from_db()
    assert (score.status, score.former_generation) == (Status.READY, None)


def test_a_failure_shows_and_is_repeated_from_the_beginning(score, contacts):
    job = request_recalculation(score)
    with mock.patch.object(stages, "build", side_effect=RuntimeError("disk full")):
        assert run_job(job.pk) == {"state": "stopped", "reason": "RuntimeError"}
    assert status(score) == Status.FAILED
    job.refresh_from_db()
    assert jobs.retry(job)
    run_job(job.pk)
    assert (held(contacts[4], score), status(score)) == (40, Status.READY)
