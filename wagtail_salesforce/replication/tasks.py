"""What django-q2 runs. Everything goes through `background.perform`, which keeps texts back."""

from __future__ import annotations

import time
from typing import Any

from wagtail_salesforce.background import SLICE_SECONDS, enqueue
from wagtail_salesforce.conf import conf
from wagtail_salesforce.contacts.importing.files import forget_old as forget_old_imports
from wagtail_salesforce.contacts.inactive import start_daily as delete_inactive
from wagtail_salesforce.contacts.reconcile import reconcile
from wagtail_salesforce.jobs.run import purge
from wagtail_salesforce.replication.bulk_jobs import free_forgotten
from wagtail_salesforce.replication.by_hand import ask_for
from wagtail_salesforce.replication.deleting import retry_failed
from wagtail_salesforce.replication.due import mark_unsent, mint_missing
from wagtail_salesforce.replication.engine import Request, RunResult, run_slice
from wagtail_salesforce.replication.models import ReplicationSettings, Run
from wagtail_salesforce.replication.runs import purge_runs


def replicate_on_schedule() -> dict[str, Any]:
    """Begin a run, with all the workers the site allows. Switched off, it does nothing."""
    if not ReplicationSettings.load().enabled:
        return {"state": "stopped", "reason": "disabled"}
    for _ in range(conf().PARALLEL_WORKERS - 1):
        enqueue(replicate_slice, Run.Trigger.SCHEDULE.value, None, None)
    return replicate_slice(Run.Trigger.SCHEDULE.value, None, None)


def replicate_slice(trigger: str, run_id: int | None, contact_id: int | None) -> dict[str, Any]:
    """One slice; what is left over is queued as the run's next slice."""
    result: RunResult = run_slice(Request(trigger, contact_id=contact_id, run_id=run_id))
    if result.more and result.state == "finished":
        enqueue(replicate_slice, trigger, result.run_id, contact_id)
    return result.as_json()


def replicate_now(trigger: str = Run.Trigger.PANEL.value, contact_id: int | None = None) -> None:
    """Queue a run at once, as the panel's button does; of one contact, whatever its score."""
    if contact_id is not None:
        ask_for(contact_id)
    enqueue(replicate_slice, trigger, None, contact_id)


def reconcile_daily() -> dict[str, Any]:
    """Find what slipped through: submissions off the ledger, contacts without a link or mark,
    leads that could not be deleted; delete old runs and import files, begin to delete inactive contacts."""
    deadline = time.monotonic() + SLICE_SECONDS
    done = reconcile()
    captured = done.captured
    while done.more and time.monotonic() < deadline:
        done = reconcile()
        captured += done.captured
    purge()
    purge_runs()
    forget_old_imports()
    free_forgotten()
    found = {"contacts": mint_missing(), "leads": mark_unsent()}
    retry_failed()
    delete_inactive()
    return {"state": "finished", "submissions": captured, **found}
