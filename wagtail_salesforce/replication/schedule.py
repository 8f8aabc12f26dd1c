"""The app's own schedules in django-q2, made and kept so that nobody has to."""

from __future__ import annotations

from typing import Any

from django.db import connections, router

from wagtail_salesforce.background import keep_schedule as keep
from wagtail_salesforce.background import table
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.settings_check import is_schedule


REPLICATION = "wagtail_salesforce: replication"
RECONCILIATION = "wagtail_salesforce: daily reconciliation"
JOBS = "wagtail_salesforce: jobs"
VISITS = "wagtail_salesforce: page visits"
EXPIRED = "wagtail_salesforce: expired points"
NOTIFICATIONS = "wagtail_salesforce: notifications of scores"
BROWSERS = "wagtail_salesforce: browsers whose cookies have ended"
A_DAY = 24 * 60

TASKS = "wagtail_salesforce.replication.tasks"


def keep_schedule(settings: ReplicationSettings) -> None:
    """Make the schedules what the settings say."""
    wanted = settings.enabled and settings.schedule_enabled
    # What is out of range is a named problem, and must not keep a cluster busy without a pause.
    wanted = wanted and is_schedule(settings.schedule_minutes)
    minutes = settings.schedule_minutes if wanted else None
    keep(REPLICATION, f"{TASKS}.replicate_on_schedule", minutes=minutes)
    keep(RECONCILIATION, f"{TASKS}.reconcile_daily", minutes=A_DAY)
    keep(JOBS, "wagtail_salesforce.jobs.run.run_waiting", minutes=1)
    # Also while nothing is replicated: points are shown, and people are told of them.
    keep(EXPIRED, "wagtail_salesforce.scoring.expiry.refresh_on_schedule", minutes=1)
    keep(NOTIFICATIONS, "wagtail_salesforce.scoring.notify.send_waiting", minutes=1)
    # Also while page visits are off: what waits from before is still moved.
    keep(VISITS, "wagtail_salesforce.contacts.visits_batch.move_visits", minutes=1)
    keep(BROWSERS, "wagtail_salesforce.contacts.visitors_forget.forget_ended", minutes=A_DAY)


def keep_after_migrate(using: str, **kwargs: Any) -> None:
    """After `migrate`, the schedules exist without anybody opening the panel.

    Only once both apps have their tables: one of them may be migrated without the other.
    """
    if not router.allow_migrate_model(using, ReplicationSettings):
        return
    present = connections[using].introspection.table_names()
    if {table(), ReplicationSettings._meta.db_table} <= set(present):
        keep_schedule(ReplicationSettings.load())
