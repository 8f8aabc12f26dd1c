"""Computes a score's points anew for all contacts: in the background, or at once.

The old points of all contacts are in force until the new ones of all are complete (`stages`).
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce import jobs
from wagtail_salesforce.contacts.collisions import despite_collisions
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.scoring.evaluate import columns_of
from wagtail_salesforce.scoring.models import Rule, Score
from wagtail_salesforce.scoring.stages import BUILD, SETTLE, Place, Progress, advance, fits


Status = Score.Status

KIND = "recalculate_score"


def register_jobs() -> None:
    """Make the recalculation known as a kind of job; called once at start-up."""
    jobs.register(
        KIND,
        work,
        label=_("Recalculating a score"),
        permission="wagtail_salesforce.change_score",
        failed=job_failed,
        cancelled=job_cancelled,
    )


def require_recalculation(score_id: int) -> None:
    """The rules of a score have changed, or it is not kept up to date: its points are old ones."""
    Score.objects.filter(pk=score_id).update(
        status=Status.RECALCULATION_REQUIRED, revision=F("revision") + 1
    )


def require_for_attributes(names: set[str]) -> None:
    """These attributes came, went or became something else: so do the points of their rules."""
    concerned = {
        rule.score_id for rule in Rule.objects.all() if names & set(columns_of([rule]).attributes)
    }
    for score_id in sorted(concerned):
        require_recalculation(score_id)


def attribute_changes(attribute: Attribute) -> None:
    """An attribute is about to be saved."""
    stored = Attribute.objects.filter(pk=attribute.pk).values_list("name", "type").first()
    if stored != (attribute.name, attribute.type):
        require_for_attributes({attribute.name, *([stored[0]] if stored else [])})


def request_recalculation(score: Score, *, at: datetime | None = None, user: Any = None) -> Job:
    """Recalculate in the background: once this transaction is committed, or `at` a time to come.

    Replaces a request that waits. One that is under way is enough for now, as it begins anew by
    itself when the rules have changed; it is returned then.
    """
    later = at is not None and at > timezone.now()
    with transaction.atomic():
        _hold(score.pk)
        under_way = _replace_waiting(score.pk)
        Score.objects.filter(pk=score.pk).update(recalculate_at=at if later else None)
        if under_way is not None and not later:
            return under_way
        return jobs.start(
            KIND,
            {"score": score.pk},
            subject=subject_of(score.pk),
            at=at if later else None,
            user=user,
        )


def cancel_recalculation(score: Score) -> bool:
    """Cancel what waits or is under way; whether there was anything. The old points stay."""
    with transaction.atomic():
        _hold(score.pk)
        cancelled = [jobs.cancel(job) for job in _open(score.pk)]
    return any(cancelled)


def subject_of(score_id: int) -> str:
    """The subject of the jobs about a score."""
    return f"score:{score_id}"


def _hold(score_id: int) -> None:
    """Hold the score before its jobs, as a step does: in another order the two are a deadlock."""
    no_key = connection.features.has_select_for_no_key_update
    Score.objects.select_for_update(no_key=no_key).filter(pk=score_id).first()


def _open(score_id: int) -> list[Job]:
    states = (Job.State.WAITING, Job.State.RUNNING)
    # Held, so that a job that seems to be under way will do another step after this transaction.
    chosen = Job.objects.select_for_update().filter(
        kind=KIND, subject=subject_of(score_id), state__in=states
    )
    return list(chosen.order_by("pk"))


def _replace_waiting(score_id: int) -> Job | None:
    under_way = None
    for job in _open(score_id):
        if job.state == Job.State.RUNNING:
            under_way = job
        else:
            jobs.cancel(job)
    return under_way


def work(job: Job, cursor: Any) -> jobs.Step:
    """One step of the job."""
    if _overtaken(job):
        return jobs.Step(finished=True)
    place = Place(**cursor) if cursor else None
    step = advance(job.parameters["score"], place)
    begun = step.total is not None
    return jobs.Step(
        cursor=step.place and asdict(step.place),
        done=-job.done if begun else step.done,
        total=step.total,
        finished=step.place is None,
    )


def _overtaken(job: Job) -> bool:
    """Whether a newer job is at it: two would take turns in beginning anew."""
    others = Job.objects.filter(kind=KIND, subject=job.subject, state=Job.State.RUNNING)
    return others.filter(pk__gt=job.pk).exists()


def job_failed(job: Job) -> None:
    """The old points stay in force; a failed recalculation begins anew when it is repeated."""
    Score.objects.filter(pk=job.parameters["score"], status=Status.RECALCULATING).update(
        status=Status.FAILED
    )


def job_cancelled(job: Job) -> None:
    """The old points stay in force. What a switch already changed is told all the same."""
    score_id = job.parameters["score"]
    others = Job.objects.filter(kind=KIND, subject=job.subject)
    if not others.filter(state=Job.State.WAITING).exists():
        Score.objects.filter(pk=score_id).update(recalculate_at=None)
    if others.filter(state=Job.State.RUNNING).exists():
        return
    scores = Score.objects.filter(pk=score_id)
    scores.filter(status=Status.RECALCULATING).update(status=Status.RECALCULATION_REQUIRED)
    if job.cursor and scores.filter(former_generation__isnull=False).exists():
        rest = jobs.start(KIND, job.parameters, subject=job.subject)
        Job.objects.filter(pk=rest.pk).update(cursor={**job.cursor, "stage": SETTLE})


def recalculate(score: Score, chunk: int | None = None) -> int:
    """Recalculate at once, each step in a transaction of its own; how many contacts were done.

    Begins anew when the rules change meanwhile, and ends early when somebody else recalculates
    the same score. An error leaves the old points in force with the status `failed`, and is raised.
    """
    done, place = 0, None
    try:
        while True:
            step = despite_collisions(partial(_step, score.pk, place, chunk))
            done = 0 if step.total is not None else done + step.done
            place = step.place
            if place is None or _taken_over(score, place):
                return done
    except Exception:
        _failed(score, place)
        raise
    finally:
        score.refresh_from_db()


def _step(score_id: int, place: Place | None, chunk: int | None) -> Progress:
    with transaction.atomic():
        return advance(score_id, place, chunk)


def _taken_over(score: Score, place: Place) -> bool:
    """Whether somebody else is building a newer generation."""
    current = Score.objects.filter(pk=score.pk).first()
    if current is None or current.building is None or place.stage != BUILD:
        return False
    return not fits(current, place) and current.building > place.generation


def _failed(score: Score, place: Place | None) -> None:
    ours = Score.objects.filter(pk=score.pk, status=Status.RECALCULATING)
    generation = place.generation if place else 0
    ours.filter(newest_generation=generation).update(status=Status.FAILED)
