"""The audit log of imports: each thing in its own history, and the whole with the settings."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Model
from wagtail.log_actions import log

from wagtail_salesforce.config_document.plan import Plan
from wagtail_salesforce.replication.models import ReplicationSettings


IMPORT = "wagtail_salesforce.import_config"


def record(plan: Plan, written: list[tuple[Model, bool]], user: Any = None) -> None:
    """Note who imported; the data holds counts only, no values."""
    for instance, created in written:
        log(instance, "wagtail.create" if created else "wagtail.edit", user=user)
    counts = Counter(change.keys[0] for change in plan.changes)
    log(ReplicationSettings.load(), IMPORT, user=user, data={"changes": dict(counts)})
