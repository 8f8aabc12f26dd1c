"""What the replicator remembers: settings, lead links, runs and the lease."""

from __future__ import annotations

import secrets
import time

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.scoring.models import Score


class ReplicationSettings(models.Model):
    """How replication works. One row, primary key 1. Use `ReplicationSettings.load()`."""

    class Duplicates(models.TextChoices):
        SUSPEND = "suspend", _("Suspend the contact until somebody decides")
        SAVE = "save", _("Save the lead anyway")

    class DeletedLeads(models.TextChoices):
        EXCLUDE = "exclude", _("Leave the lead deleted")
        CREATE = "create", _("Create the lead anew")

    enabled = models.BooleanField(_("enabled"), default=False)
    keep_leads_updated = models.BooleanField(_("keep leads updated"), default=True)
    mapping = models.ForeignKey(
        Mapping,
        verbose_name=_("mapping"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    batch_size = models.PositiveIntegerField(_("batch size"), default=1000)
    # Whether a score chooses the contacts. True with no score means that the score was deleted,
    # which stops replication: it never means everyone.
    by_score = models.BooleanField(default=False, editable=False)
    score = models.ForeignKey(
        Score,
        verbose_name=_("score"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    minimum_points = models.IntegerField(_("minimum points"), default=0)
    lead_description = models.TextField(
        _("lead description"), default="{{ contact.last_name }}", blank=True
    )
    default_company_name = models.CharField(_("default company name"), max_length=255, blank=True)
    api_reserve_percent = models.PositiveIntegerField(_("API reserve (percent)"), default=20)
    schedule_minutes = models.PositiveIntegerField(_("run every (minutes)"), default=15)
    schedule_enabled = models.BooleanField(_("run on a schedule"), default=True)
    duplicates = models.CharField(
        _("duplicates"), max_length=10, choices=Duplicates.choices, default=Duplicates.SUSPEND
    )
    deleted_leads = models.CharField(
        _("deleted leads"),
        max_length=10,
        choices=DeletedLeads.choices,
        default=DeletedLeads.EXCLUDE,
    )
    # "off", "active" (the organization's active rule) or the id of a rule.
    assignment_rule = models.CharField(_("assignment rule"), max_length=18, default="off")
    consent_attribute = models.CharField(_("consent attribute"), max_length=100, blank=True)
    # The organization that holds the leads we know of; another one must not be mixed in.
    org_id = models.CharField(max_length=18, blank=True, editable=False)
    # What leads were written by when somebody last decided about those that exist (see `again`).
    payload_key = models.CharField(max_length=32, blank=True, default="", editable=False)
    modified_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("replication settings")
        verbose_name_plural = _("replication settings")
        permissions = [("run_replication", _("Can run replication"))]

    def __str__(self) -> str:
        return str(_("Replication settings"))

    @classmethod
    def load(cls) -> ReplicationSettings:
        """The one row; made with its defaults on first use."""
        return cls.objects.select_related("mapping", "score").get_or_create(pk=1)[0]

    def choose_score(self, score: Score | None) -> None:
        """Let a score choose the contacts, or let all contacts go with `None`."""
        self.score, self.by_score = score, score is not None


class Run(models.Model):
    """One execution of the replicator, perhaps in several slices."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        STOPPED = "stopped", _("Stopped")

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule", _("Schedule")
        PANEL = "panel", _("Replicate now")
        COMMAND = "command", _("Command")

    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    reason = models.CharField(max_length=50, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    suspended = models.PositiveIntegerField(default=0)
    excluded = models.PositiveIntegerField(default=0)
    postponed = models.PositiveIntegerField(default=0)
    api_calls = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("replication run")
        verbose_name_plural = _("replication runs")
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["started_at"], name="ws_run_started")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M} {self.state}"


class Incident(models.Model):
    """A reason that keeps replication from going on, from the first run it stopped to its end."""

    reason = models.CharField(max_length=50)
    # The reason until it has ended, then null: unique on every database, so that workers that
    # meet a reason at once have one incident of it.
    open_reason = models.CharField(  # noqa: DJ001
        max_length=50, unique=True, null=True, editable=False
    )
    began_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    # When people were told; null while it may still pass by itself.
    told_at = models.DateTimeField(null=True)
    runs = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.reason


class Lease(models.Model):
    """The right to replicate. Its token grows with every taker; outcomes are fenced by it."""

    name = models.CharField(max_length=50, primary_key=True)
    token = models.PositiveBigIntegerField(default=0)
    owner = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField(default=timezone.now)
    # A holder without claims died: until then its last calls may still be carried out.
    doubtful_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


def new_external_id() -> str:
    """An external id: 32 hex digits, minted once per lead link.

    It is a UUID of version 7 (RFC 9562), which begins with the time in milliseconds: those of
    contacts that came after each other stand beside each other in the index, so that recording
    a batch writes to few pages of it and not to as many as there are rows.
    """
    millisecond, version, variant = time.time_ns() // 1_000_000, 7 << 12, 2 << 62
    first, second = version | secrets.randbits(12), variant | secrets.randbits(62)
    return f"{millisecond:012x}{first:04x}{second:016x}"


class LeadLink(models.Model):
    """What we know of a contact's lead. It outlives its contact as a tombstone."""

    class State(models.TextChoices):
        NEW = "new", _("New")
        REPLICATED = "replicated", _("Replicated")
        SUSPENDED = "suspended", _("Suspended")
        EXCLUDED = "excluded", _("Excluded")
        ERASED = "erased", _("Erased")

    class Excluded(models.TextChoices):
        BY_HAND = "by_hand", _("Excluded by an editor")
        CONVERTED = "converted", _("The lead was converted")
        DELETED = "deleted", _("The lead was deleted")
        MERGED = "merged", _("The lead was merged into another")
        SECOND = "second", _("A second lead: its contact was merged into another contact")
        BY_SITE = "by_site", _("Excluded by this site's own rules")

    contact = models.OneToOneField(
        Contact, null=True, on_delete=models.SET_NULL, related_name="lead_link"
    )
    # The link of a contact that was merged into this one, where both may have a lead.
    merged_into = models.ForeignKey(
        Contact, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    external_id = models.CharField(max_length=32, unique=True, default=new_external_id)
    org_id = models.CharField(max_length=18, blank=True)
    lead_id = models.CharField(_("lead"), max_length=18, blank=True)
    # Where a lead was merged into another: the id of the surviving lead.
    surviving_lead_id = models.CharField(max_length=18, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.NEW)
    excluded_reason = models.CharField(max_length=10, choices=Excluded.choices, blank=True)
    version = models.PositiveBigIntegerField(default=1)
    synced_version = models.PositiveBigIntegerField(default=0)
    due_at = models.DateTimeField(_("due"), null=True, default=timezone.now)
    required = models.BooleanField(_("required"), default=False)
    fingerprint = models.CharField(max_length=32, blank=True)
    # The Bulk job (`bulk_job.BulkJob`, by its key) that the row travels in; such rows are sent by
    # nobody else. With it stand what was read when the job was made, and what was shortened. No
    # index has it, so that PostgreSQL can mark rows without writing to any (`bulk_jobs.inside`).
    job = models.PositiveBigIntegerField(null=True)
    job_version = models.PositiveBigIntegerField(default=0)
    job_fingerprint = models.CharField(max_length=32, blank=True)
    job_shortened = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    suspended_at = models.DateTimeField(null=True)
    last_error_code = models.CharField(_("error"), max_length=100, blank=True)
    last_error_message = models.CharField(max_length=1000, blank=True)
    replicated_at = models.DateTimeField(_("replicated"), null=True)
    # Written with every outcome: a constraint would be checked for every row of a batch.
    run = models.ForeignKey(
        Run,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    claimed_by = models.CharField(max_length=64, blank=True)
    claimed_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("lead link")
        verbose_name_plural = _("lead links")
        # Recording an outcome writes to every index that the row is in: those below are partial
        # where the database can (PostgreSQL, SQLite), so that a row that is not due is in few.
        indexes = [
            # Finding work walks this index only.
            models.Index(
                fields=["contact", "due_at"],
                name="ws_link_due",
                condition=models.Q(due_at__isnull=False),
            ),
            # The same on MySQL and MariaDB, where the one above has a row of each contact.
            models.Index(
                fields=["due_at"],
                name="ws_link_due_at",
                condition=models.Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["merged_into"],
                name="ws_link_merged",
                condition=models.Q(merged_into__isnull=False),
            ),
            models.Index(fields=["state"], name="ws_link_state"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} {self.state}"
