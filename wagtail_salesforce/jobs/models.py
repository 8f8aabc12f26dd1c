"""What is known of long work in the background."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """A piece of long work, done step by step; `cursor` says where it goes on.

    `parameters`, `cursor` and `counts` are JSON objects of ids, plain values and numbers; nothing
    of a person stands in them.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(max_length=100)
    # What it is about, such as "score:5", so that a page finds the newest job about its object.
    subject = models.CharField(max_length=100, blank=True)
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # Why it failed: the class of an error or the code of a reason, never its text.
    reason = models.CharField(max_length=100, blank=True)
    cursor = models.JSONField(null=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    counts = models.JSONField(default=dict)
    # How often in a row the database has refused a step.
    tries = models.PositiveSmallIntegerField(default=0)
    # Not before this moment.
    run_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # The worker that holds the job, and until when; renewed with every step.
    held_by = models.CharField(max_length=32, blank=True)
    held_until = models.DateTimeField(null=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(fields=["state", "run_at"], name="ws_job_state"),
            models.Index(fields=["kind", "subject"], name="ws_job_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.FINISHED, self.State.FAILED, self.State.CANCELLED)

    @property
    def percent(self) -> int | None:
        """How much of it is done, from 0 to 100; None when nobody knows."""
        if self.state == self.State.FINISHED:
            return 100
        return min(99, 100 * self.done // self.total) if self.total else None


def latest_job(kind: str, subject: str = "") -> Job | None:
    """The newest job of a kind about a subject, or None."""
    return Job.objects.filter(kind=kind, subject=subject).order_by("-pk").first()


def values_of(job: Job) -> dict[str, Any]:
    """What a page says of a job's progress, as plain values."""
    return {
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "percent": job.percent,
        "over": job.is_over,
    }
