"""How replication stands, for `salesforce_status`, the panel and monitors."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.secrets import UnreadableSecret
from wagtail_salesforce.replication.lease import LEASE_TIME
from wagtail_salesforce.replication.models import Incident, LeadLink, ReplicationSettings, Run
from wagtail_salesforce.replication.outcomes import COUNTED
from wagtail_salesforce.replication.preflight import mapping_drift, problems
from wagtail_salesforce.replication.wording import ended_by


def status() -> dict[str, Any]:
    """The document of `salesforce_status --json`; moments in ISO 8601. No API call is made."""
    connection = Connection.load()
    return {
        "connected": _is_connected(connection),
        "authorization_ended_by": ended_by() or None,
        "org": connection.org_name or None,
        "org_id": connection.org_id or None,
        "user": connection.user_name or None,
        "api_calls_used": connection.api_calls_used,
        "api_calls_max": connection.api_calls_max,
        "reserve_percent": ReplicationSettings.load().api_reserve_percent,
        "links": link_counts(),
        **due_counts(),
        "last_run": run_as_json(last_run()),
        "problems": problems(),
        "drift": drift_as_json(),
        "incidents": incidents_as_json(),
    }


def _is_connected(connection: Connection) -> bool:
    """Whether the site holds tokens, and can read them."""
    readable = not isinstance(connection.access_token, UnreadableSecret)
    return connection.is_authorized and readable


def last_run() -> Run | None:
    """The run that is at work, else the newest: one that found all the work in other hands is
    over at once, and would hide who has it."""
    alive = Run.objects.filter(heartbeat_at__gte=timezone.now() - LEASE_TIME)
    return alive.filter(state=Run.State.RUNNING).first() or Run.objects.first()


def drift_as_json() -> list[dict[str, Any]]:
    """How the org's fields have changed since the mapping in use was saved, as last read."""
    mapping = ReplicationSettings.load().mapping
    found = mapping_drift(mapping) if mapping else []
    return [{"field": each.field, "code": each.code, "breaks": each.breaks} for each in found]


def incidents_as_json() -> list[dict[str, Any]]:
    """What keeps replication from going on: since when, how many runs, and when it was mailed."""
    found = Incident.objects.filter(ended_at=None).order_by("began_at", "pk")
    return [
        {
            "reason": each.reason,
            "began": _iso(each.began_at),
            "runs": each.runs,
            "told": _iso(each.told_at),
        }
        for each in found
    ]


def link_counts() -> dict[str, int]:
    """How many lead links are in each state."""
    found = dict(LeadLink.objects.values_list("state").annotate(Count("pk")).order_by())
    return {state: found.get(state, 0) for state in LeadLink.State.values}


def due_counts() -> dict[str, Any]:
    """How many links are due now, since when the oldest has been, how many are in Bulk jobs, and
    how many wait for another try."""
    due = LeadLink.objects.filter(due_at__lte=timezone.now(), contact__isnull=False)
    in_bulk = Count("pk", filter=Q(job__isnull=False))
    found = due.aggregate(due=Count("pk"), oldest_due=Min("due_at"), in_bulk=in_bulk)
    return {**found, "oldest_due": _iso(found["oldest_due"]), "postponed": postponed().count()}


def under_way(contact_id: int | None = None) -> int:
    """How many contacts that are due others have in hand: Bulk jobs and other workers."""
    now = timezone.now()
    due = LeadLink.objects.filter(due_at__lte=now, contact__isnull=False)
    if contact_id is not None:
        due = due.filter(contact_id=contact_id)
    claimed = ~Q(claimed_by="") & Q(claimed_until__gt=now)
    return due.filter(claimed | Q(job__isnull=False)).count()


def postponed() -> QuerySet[LeadLink]:
    """The links whose last try met a passing trouble, and that are tried again later by
    themselves."""
    return LeadLink.objects.filter(due_at__gt=timezone.now(), attempts__gt=0, contact__isnull=False)


def run_as_json(run: Run | None) -> dict[str, Any] | None:
    """A run as `salesforce_replicate --json` tells it, with when it started and finished."""
    if run is None:
        return None
    return {
        "state": run.state,
        "reason": run.reason or None,
        **{kind.value: getattr(run, kind.value) for kind in COUNTED},
        "api_calls": run.api_calls,
        "started": _iso(run.started_at),
        "finished": _iso(run.finished_at),
    }


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
