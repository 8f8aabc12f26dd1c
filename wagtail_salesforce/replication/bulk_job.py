"""What is remembered of a Bulk job, from before it is made to the end of its results."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.replication.models import Run


class BulkJob(models.Model):
    """A job of up to 50,000 rows. The row is stored before anything is sent or marked.

    Rows of lead links carry its key (`LeadLink.job`) until their outcome is recorded or they are
    put back. `holder` is the lease ("name:token") that works on it; it is anybody's once that
    lease is over.
    """

    class State(models.TextChoices):
        MAKING = "making", _("Being made")
        CLOSED = "closed", _("Under way")
        DONE = "done", _("Done")
        # Ended by Salesforce before all rows were done.
        FAILED = "failed", _("Failed")
        # Never begun, or no longer known to Salesforce: its rows were put back.
        DROPPED = "dropped", _("Dropped")

    org_id = models.CharField(max_length=18)
    salesforce_id = models.CharField(max_length=18, blank=True)
    operation = models.CharField(max_length=10)
    external_id_field = models.CharField(max_length=255)
    state = models.CharField(max_length=10, choices=State.choices, default=State.MAKING)
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    holder = models.CharField(max_length=64, blank=True)
    rows = models.PositiveIntegerField(default=0)
    # How many rows were put back at its end, for another way to send them.
    left = models.PositiveIntegerField(default=0)
    # The keys of the links that may be in it are from here to there.
    first_link = models.PositiveBigIntegerField(default=0)
    last_link = models.PositiveBigIntegerField(default=0)
    # A worker had died when it was begun: until then its last calls may still be carried out.
    doubtful_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    polls = models.PositiveIntegerField(default=0)
    next_poll_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # What Salesforce said of a failed job; or, while it is open, why it cannot be looked at or was
    # not uploaded, though Salesforce was there. The latter stays with a dropped one.
    error = models.CharField(max_length=1000, blank=True)

    class Meta:
        verbose_name = _("Bulk job")
        verbose_name_plural = _("Bulk jobs")

    def __str__(self) -> str:
        return f"{self.salesforce_id or self.pk} {self.state}"
