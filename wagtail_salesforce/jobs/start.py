"""Starting, stopping and repeating jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from wagtail_salesforce import background
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.jobs.registry import kind_of


State = Job.State
OPEN = (State.WAITING, State.RUNNING)


def start(
    kind: str,
    parameters: dict[str, Any] | None = None,
    *,
    subject: str = "",
    total: int | None = None,
    at: datetime | None = None,
    user: Any = None,
) -> Job:
    """Queue a job of a registered kind, now (once this transaction is committed) or `at` a time.

    A job for later is begun by the schedule that looks every minute.
    """
    kind_of(kind)
    job = Job.objects.create(
        kind=kind,
        subject=subject,
        parameters=parameters or {},
        total=total,
        run_at=at or timezone.now(),
        started_by=user,
    )
    if job.run_at <= timezone.now():
        background.enqueue("wagtail_salesforce.jobs.run.run_job", job.pk)
    return job


def cancel(job: Job) -> bool:
    """End a job that is not over; the step under way is undone or still completed. Whether it
    was stopped by this call."""
    stopped = Job.objects.filter(pk=job.pk, state__in=OPEN).update(
        state=State.CANCELLED, finished_at=timezone.now()
    )
    job.refresh_from_db()
    if stopped and (told := kind_of(job.kind).cancelled):
        told(job)
    return bool(stopped)


def retry(job: Job) -> bool:
    """Let a job that failed go on where it stopped; whether there was anything to repeat."""
    again = Job.objects.filter(pk=job.pk, state=State.FAILED).update(
        state=State.WAITING,
        reason="",
        tries=0,
        finished_at=None,
        run_at=timezone.now(),
        held_until=None,
    )
    if again:
        background.enqueue("wagtail_salesforce.jobs.run.run_job", job.pk)
    job.refresh_from_db()
    return bool(again)
