from __future__ import annotations

from wagtail_salesforce.replication.models import ReplicationSettings


def keep_schedule(settings: ReplicationSettings) -> None:
    """Make the schedule in django-q2 what the settings say."""
