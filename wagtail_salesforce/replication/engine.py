"""The replicator: one slice of a run, from the lease to the last recorded outcome."""

from __future__ import annotations

import logging
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from django.db import close_old_connections
from django.utils import timezone

from wagtail_salesforce.background import SLICE_SECONDS, outline
from wagtail_salesforce.conf import conf
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import forget_describe, get_client
from wagtail_salesforce.connection.usage import save_usage
from wagtail_salesforce.exceptions import (
    DATABASE_UNAVAILABLE,
    REASONS,
    ConnectorError,
    Transient,
)
from wagtail_salesforce.replication import again, alerts, bulk_run, interruption, preflight
from wagtail_salesforce.replication.allowance import (
    allowance_for,
    known_usage,
    note_exhausted,
)
from wagtail_salesforce.replication.bulk_jobs import any_free
from wagtail_salesforce.replication.claim import Selection, anything_due
from wagtail_salesforce.replication.collector import sparing_what_stays
from wagtail_salesforce.replication.lease import HeldLease, take_lease
from wagtail_salesforce.replication.models import ReplicationSettings, Run
from wagtail_salesforce.replication.outcomes import COUNTED
from wagtail_salesforce.replication.patient import Patient
from wagtail_salesforce.replication.runs import close_run, open_run
from wagtail_salesforce.replication.sender import Sender
from wagtail_salesforce.replication.walk import Walk, compiled_for
from wagtail_salesforce.salesforce.client import SalesforceClient
from wagtail_salesforce.scoring.update import refresh_expired


logger = logging.getLogger("wagtail_salesforce")


@dataclass
class RunResult:
    """What a slice came to. `more` says that the run goes on in another slice."""

    state: str = "finished"
    reason: str | None = None
    counts: Counter[str] = field(default_factory=Counter)
    api_calls: int = 0
    run_id: int | None = None
    more: bool = False

    def as_json(self) -> dict[str, Any]:
        """The document of `salesforce_replicate --json`."""
        counts = {kind.value: self.counts[kind.value] for kind in COUNTED}
        return {"state": self.state, "reason": self.reason, **counts, "api_calls": self.api_calls}

    def add(self, later: RunResult) -> RunResult:
        """This slice and a later one of the same run, taken together."""
        return RunResult(
            later.state,
            later.reason,
            self.counts + later.counts,
            self.api_calls + later.api_calls,
            later.run_id,
            later.more,
        )


@dataclass
class Request:
    """What a slice is asked to do."""

    trigger: str = Run.Trigger.SCHEDULE
    contact_id: int | None = None
    run_id: int | None = None
    budget_seconds: float = SLICE_SECONDS

    @property
    def selection(self) -> Selection:
        return Selection(self.contact_id)


def run_slice(request: Request) -> RunResult:
    """Replicate until nothing is due or the slice is over. Never raises for a named reason."""
    with interruption.heeding_signals():
        return _run_slice(request)


def _run_slice(request: Request) -> RunResult:
    settings, connection = ReplicationSettings.load(), Connection.load()
    lease = take_lease(conf().PARALLEL_WORKERS)
    if lease is None:
        return RunResult("busy", "busy")
    run = open_run(request.trigger, request.run_id)
    result = RunResult(run_id=run.pk)
    try:
        preflight.check(settings, connection)
        _replicate(request, settings, connection, lease, run, result)
    except ConnectorError as error:
        # Salesforce's own code of a refused request is no reason of ours; its message is logged.
        result.state, result.reason = "stopped", reason_of(error)
        if result.reason == "request_limit":
            note_exhausted()
        elif result.reason in ("mapping_broken", "no_external_id"):
            forget_describe(connection.org_id)
    except DATABASE_UNAVAILABLE as error:
        logger.error("A run has stopped, the database is away: %s", outline(error))
        # A connection that was cut off is replaced, for the run to be closed and the lease given back.
        close_old_connections()
        result.state, result.reason = "stopped", "database_unavailable"
    except BaseException as error:
        reason = "interrupted" if interruption.is_interruption(error) else "internal_error"
        result.state, result.reason = "stopped", reason
        raise
    finally:
        close_run(run, result)
        lease.release()
        if not result.more:
            alerts.note_end(result.reason or "", run)
    return result


def reason_of(error: ConnectorError) -> str:
    """The reason code of an error that ends a run."""
    if error.code in REASONS:
        return error.code
    return Transient.code if isinstance(error, Transient) else "request_refused"


def _replicate(
    request: Request,
    settings: ReplicationSettings,
    connection: Connection,
    lease: HeldLease,
    run: Run,
    result: RunResult,
) -> None:
    refresh_expired(timezone.now())
    is_due = anything_due(timezone.now(), request.selection)
    if not is_due and not any_free(settings.org_id, request.contact_id):
        return
    with get_client() as client:
        try:
            _walk(request, settings, connection, lease, run, result, client)
        finally:
            result.api_calls = client.calls
            save_usage(client.usage)


def _walk(
    request: Request,
    settings: ReplicationSettings,
    connection: Connection,
    lease: HeldLease,
    run: Run,
    result: RunResult,
    client: SalesforceClient,
) -> None:
    percent = settings.api_reserve_percent
    allowance = allowance_for(client, percent, known_usage(connection), lease.renew)
    client.set_guard(allowance.guard)
    with closing(allowance):
        compiled = compiled_for(settings, Patient(client, lease))
        allowance.learn()
        if not settings.org_id:
            ReplicationSettings.objects.filter(pk=settings.pk).update(org_id=connection.org_id)
            settings.org_id = connection.org_id
        again.note_first(settings)
        with Sender(client, settings, compiled, lease, run, result.counts, allowance) as sender:
            walk = Walk(request.selection, settings, compiled, sender)
            with sparing_what_stays():
                more = bulk_run.until_done(walk, time.monotonic() + request.budget_seconds)
            if more:
                # Asked to stop while the last answers came in: no other slice begins.
                interruption.check()
            result.more = more


def replicate(request: Request) -> RunResult:
    """Replicate to the end in the foreground, slice by slice."""
    result = run_slice(request)
    while result.more and result.state == "finished":
        request.run_id = result.run_id
        result = result.add(run_slice(request))
    return result
