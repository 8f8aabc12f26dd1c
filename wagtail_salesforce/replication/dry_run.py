"""Says what a run would do. Nothing is sent and nothing is recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.utils import timezone

from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import get_client
from wagtail_salesforce.replication import preflight
from wagtail_salesforce.replication.claim import Claimant, DueLink, Selection, windows
from wagtail_salesforce.replication.engine import Request, RunResult
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.outcomes import COUNTED, Kind
from wagtail_salesforce.replication.prepare import Prepared, Preparer
from wagtail_salesforce.replication.walk import compiled_for


def dry_run(request: Request, *, everything: bool = False) -> RunResult:
    """The counts a run would come to, as far as Salesforce's own checks are not needed.

    `everything` looks at all links as if they were due, as `--reconcile` would. The org's fields
    are read when the cached description is over an hour old; that is the only API call.
    """
    settings, connection = ReplicationSettings.load(), Connection.load()
    preflight.check(settings, connection)
    client = get_client()
    before = client.calls
    selection = Selection(request.contact_id, again=everything)
    preparer = Preparer(compiled_for(settings, client), settings, selection)
    counts: Counter[str] = Counter()
    for window in _windows(selection):
        counts.update(_counted(preparer.prepare(window)))
    return RunResult(counts=counts, api_calls=client.calls - before)


def _windows(selection: Selection) -> Iterator[list[DueLink]]:
    for updates in (True, False):
        yield from windows(
            timezone.now(),
            updates=updates,
            selection=selection,
            claimant=Claimant(),
            due_only=not (selection.again or selection.ignores_score),
        )


def _counted(prepared: Prepared) -> Iterator[str]:
    for outcome in prepared.outcomes:
        if outcome.kind in COUNTED:
            yield outcome.kind.value
    for lead in prepared.leads:
        yield (Kind.UPDATED if lead.lead_id else Kind.CREATED).value
