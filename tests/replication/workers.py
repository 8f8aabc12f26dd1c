"""What the tests of several workers and of several calls in flight share."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from wagtail_salesforce.replication.lease import LEASE_TIME, identity
from wagtail_salesforce.replication.models import Lease


def team(settings, workers: int = 2, in_flight: int = 2) -> None:
    """The site allows so many workers, with so many calls in flight each."""
    ours = {"PARALLEL_WORKERS": workers, "CALLS_IN_FLIGHT": in_flight}
    settings.WAGTAIL_SALESFORCE = {**settings.WAGTAIL_SALESFORCE, **ours}


def died(slot: int = 0, seconds_ago: float = 10) -> Lease:
    """The lease of a worker of this machine that was killed so long after it renewed it."""
    owner = identity().rsplit("|", 1)[0] + "|0"
    expires_at = timezone.now() + LEASE_TIME - timedelta(seconds=seconds_ago)
    values = {"token": 7, "owner": owner, "expires_at": expires_at}
    return Lease.objects.update_or_create(name=f"replication-{slot}", defaults=values)[0]
