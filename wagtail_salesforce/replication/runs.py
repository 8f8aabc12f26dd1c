"""The history of runs: open one, keep its counts, close it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.utils import timezone

from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.lease import LEASE_TIME
from wagtail_salesforce.replication.models import Incident, Run
from wagtail_salesforce.replication.outcomes import COUNTED


if TYPE_CHECKING:
    from wagtail_salesforce.replication.engine import RunResult


#: How long the history of runs is kept.
KEPT = timedelta(days=90)
IDLE_KEPT = timedelta(days=2)
#: Not after each of many quick batches, as each time the database waits for its disk.
BEAT_EVERY = timedelta(seconds=1)

logger = logging.getLogger("wagtail_salesforce")


def open_run(trigger: str, run_id: int | None) -> Run:
    """Go on with a run, or begin one. A run that a killed worker left open is closed first."""
    if run_id is not None and (run := Run.objects.filter(pk=run_id).first()):
        return run
    now = timezone.now()
    # Beside other workers only what has been silent for as long as a lease holds.
    silent = now - LEASE_TIME if _several_workers() else now
    left_open = Run.objects.filter(state=Run.State.RUNNING, heartbeat_at__lt=silent)
    left_open.update(state=Run.State.STOPPED, reason="lease_lost", finished_at=now)
    return Run.objects.create(trigger=trigger)


def _several_workers() -> bool:
    from wagtail_salesforce.conf import conf

    return conf().PARALLEL_WORKERS > 1


def close_run(run: Run, result: RunResult) -> None:
    """Add a slice's counts to the run, and its end unless it goes on. One line for the log."""
    now = timezone.now()
    changes = {kind.value: F(kind.value) + result.counts[kind.value] for kind in COUNTED}
    changes["api_calls"] = F("api_calls") + result.api_calls
    ended = {} if result.more else {"finished_at": now, "state": result.state}
    Run.objects.filter(pk=run.pk).update(
        heartbeat_at=now, reason=result.reason or "", **changes, **ended
    )
    logger.info("Replication run %s: %s", run.pk, result.as_json())


def purge_runs() -> int:
    """Delete the history of long ago; runs that found nothing to do go after two days."""
    now = timezone.now()
    Incident.objects.filter(ended_at__lt=now - KEPT).delete()
    BulkJob.objects.filter(ended_at__lt=now - KEPT).delete()
    idle = Q(state=Run.State.FINISHED, api_calls=0, **{kind.value: 0 for kind in COUNTED})
    old = Q(finished_at__lt=now - KEPT) | (idle & Q(finished_at__lt=now - IDLE_KEPT))
    # The newest one stays, whatever it is: the panel and monitors show it.
    newest = Run.objects.values_list("pk", flat=True)[:1]
    return Run.objects.filter(old).exclude(pk__in=list(newest)).delete()[1].get(Run._meta.label, 0)


def beat(run: Run) -> None:
    """Say that the run is alive, unless it has been said just now."""
    now = timezone.now()
    if timedelta(0) <= now - run.heartbeat_at < BEAT_EVERY:
        return
    Run.objects.filter(pk=run.pk).update(heartbeat_at=now)
    run.heartbeat_at = now
