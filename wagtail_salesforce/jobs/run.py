"""Does jobs: one worker at a time, step by step, in slices that queue their own continuation.

A step and the job's new cursor are committed together. A worker that dies leaves the job held
until `held_until`; the schedule then gives it to another one, which goes on at the cursor.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from wagtail_salesforce import background
from wagtail_salesforce.exceptions import ConnectorError
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.jobs.registry import Kind, Step, kind_of
from wagtail_salesforce.jobs.start import OPEN


logger = logging.getLogger("wagtail_salesforce")

State = Job.State

#: A worker that has said nothing for so long is taken for dead.
SILENCE = timedelta(minutes=5)

#: A database that refuses (a deadlock, a lost connection) is asked so many times again, after so
#: long the first time and twice as long each time after.
TRIES = 5
REST = timedelta(seconds=20)

#: What is over is remembered for so long.
KEPT = timedelta(days=30)


class Lost(Exception):
    """The job was cancelled or is somebody else's now."""


def run_job(job_id: int, seconds: float = background.SLICE_SECONDS) -> dict[str, Any]:
    """The task: do a job for so many seconds and queue what is left of it."""
    job = take(job_id)
    if job is None:
        return {"state": "stopped", "reason": "not_waiting"}
    until = time.monotonic() + seconds
    try:
        while not advance(job):
            if job.state == State.WAITING:
                return {"state": "paused", "done": job.done}
            if time.monotonic() >= until:
                return _pause(job)
    except Lost:
        return {"state": "stopped", "reason": "cancelled"}
    except (OperationalError, InterfaceError) as error:
        return _rest(job, error) if job.tries < TRIES else _fail(job, error)
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends this job and no other
        return _fail(job, error)
    return {"state": "finished", "done": job.done, **job.counts}


def run_waiting() -> dict[str, Any]:
    """The task of the schedule: queue the jobs whose time has come or whose worker has died."""
    now = timezone.now()
    waiting = Q(state=State.WAITING, run_at__lte=now)
    abandoned = Q(state=State.RUNNING, held_until__lt=now)
    # Between two slices nobody holds a job; its continuation may have been lost with the queue.
    paused = Q(state=State.RUNNING, held_until=None)
    ids = list(Job.objects.filter(waiting | abandoned | paused).values_list("pk", flat=True))
    for job_id in ids:
        background.enqueue(run_job, job_id)
    return {"state": "finished", "jobs": len(ids)}


def purge() -> int:
    """Forget the jobs that were over long ago; how many. Done daily."""
    over = Job.objects.filter(finished_at__lt=timezone.now() - KEPT).exclude(state__in=OPEN)
    return over.delete()[0]


def take(job_id: int) -> Job | None:
    """Hold a job that waits or whose worker is silent; None when it is not to be had."""
    now = timezone.now()
    free = Q(held_until=None) | Q(held_until__lt=now)
    owner = uuid.uuid4().hex
    taken = Job.objects.filter(free, pk=job_id, state__in=OPEN, run_at__lte=now).update(
        state=State.RUNNING, held_by=owner, held_until=now + SILENCE
    )
    if not taken:
        return None
    Job.objects.filter(pk=job_id, started_at=None).update(started_at=now)
    return Job.objects.get(pk=job_id)


def advance(job: Job) -> bool:
    """Do one step; whether the job is finished. Raises Lost when it is not ours any more."""
    kind = kind_of(job.kind)
    with transaction.atomic() if kind.atomic else nullcontext():
        step = kind.work(job, job.cursor)
        _remember(job, step)
    return step.finished


def _remember(job: Job, step: Step) -> None:
    now = timezone.now()
    columns: dict[str, Any] = {
        "cursor": step.cursor,
        "done": job.done + step.done,
        "counts": _sum(job.counts, step.counts),
        "total": job.total if step.total is None else step.total,
        "held_until": now + SILENCE,
        "tries": 0,
    }
    if step.finished:
        columns |= {"state": State.FINISHED, "finished_at": now, "held_until": None}
    elif step.wait is not None:
        columns |= {"state": State.WAITING, "run_at": now + step.wait, "held_until": None}
    if not _ours(job).update(**columns):
        raise Lost
    for name, value in columns.items():
        setattr(job, name, value)


def _sum(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {name: counts.get(name, 0) + more.get(name, 0) for name in {**counts, **more}}


def _ours(job: Job) -> Any:
    return Job.objects.filter(pk=job.pk, state=State.RUNNING, held_by=job.held_by)


def _pause(job: Job) -> dict[str, Any]:
    """Let go of the job and queue its continuation."""
    _ours(job).update(held_until=None)
    background.enqueue(run_job, job.pk)
    return {"state": "paused", "done": job.done}


def _rest(job: Job, error: Exception) -> dict[str, Any]:
    """Let the job wait a while: what the database refused now it may do later."""
    logger.warning("The job %s (%s) waits: %s", job.pk, job.kind, background.outline(error))
    again = timezone.now() + REST * 2**job.tries
    _ours(job).update(state=State.WAITING, run_at=again, held_until=None, tries=job.tries + 1)
    return {"state": "paused", "reason": type(error).__name__, "done": job.done}


def _fail(job: Job, error: Exception) -> dict[str, Any]:
    reason = error.code if isinstance(error, ConnectorError) else type(error).__name__
    logger.error("The job %s (%s) failed: %s", job.pk, job.kind, background.outline(error))
    ended = _ours(job).update(
        state=State.FAILED, reason=reason[:100], finished_at=timezone.now(), held_until=None
    )
    kind: Kind = kind_of(job.kind)
    if ended and kind.failed:
        job.refresh_from_db()
        kind.failed(job)
    return {"state": "stopped", "reason": reason}
