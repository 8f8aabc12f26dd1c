"""Finds due links, window by window, and says which of their contacts may be sent now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.scoring.queries import contacts_with_points


WINDOW = 1000
CLAIM_TIME = timedelta(minutes=10)


class DueLink(NamedTuple):
    """The columns of a due link that a batch needs."""

    id: int
    contact_id: int
    external_id: str
    lead_id: str
    state: str
    version: int
    synced_version: int
    required: bool
    fingerprint: str
    attempts: int


@dataclass(frozen=True)
class Selection:
    """Which contacts a run is about: all that are due, or one whatever its score.

    `again` looks also at leads whose contact has not changed since they were sent.
    """

    contact_id: int | None = None
    again: bool = False

    @property
    def ignores_score(self) -> bool:
        return self.contact_id is not None


@dataclass(frozen=True)
class Claimant:
    """Who claims rows: empty in the mode with one worker, where the lease is enough."""

    name: str = ""


def windows(
    cutoff: datetime,
    *,
    updates: bool,
    selection: Selection,
    claimant: Claimant,
    due_only: bool = True,
) -> Iterator[list[DueLink]]:
    """Walk the due links by contact id: those with a lead, or those without one yet.

    With `due_only` off, all that are neither suspended nor held back, due or not.
    """
    source = due_links(cutoff, selection) if due_only else _live_links(selection)
    links = source.exclude(lead_id="") if updates else source.filter(lead_id="")
    last = 0
    while True:
        window = _read(links.filter(contact_id__gt=last), claimant)
        if not window:
            return
        yield window
        last = window[-1].contact_id


def anything_due(now: datetime, selection: Selection) -> bool:
    """Whether there is any work; answered from the index alone."""
    return due_links(now, selection).exists()


def due_links(now: datetime, selection: Selection) -> QuerySet[LeadLink]:
    """All links due at this moment that no Bulk job and no other worker holds."""
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    links = LeadLink.objects.filter(free, due_at__lte=now, contact__isnull=False, job="")
    return links.filter(contact_id=selection.contact_id) if selection.contact_id else links


def _live_links(selection: Selection) -> QuerySet[LeadLink]:
    live = [LeadLink.State.NEW, LeadLink.State.REPLICATED]
    links = LeadLink.objects.filter(state__in=live, contact__isnull=False)
    return links.filter(contact_id=selection.contact_id) if selection.contact_id else links


def _read(links: QuerySet[LeadLink], claimant: Claimant) -> list[DueLink]:
    links = links.order_by("contact_id")
    if claimant.name:
        return _claim(links, claimant.name)
    return [DueLink._make(row) for row in links.values_list(*DueLink._fields)[:WINDOW]]


def _claim(links: QuerySet[LeadLink], name: str) -> list[DueLink]:
    """Claim a window for one of several workers; rows that another one is claiming are skipped."""
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        rows = links.select_for_update(skip_locked=skip, of=("self",) if _has_of() else ())
        window = [DueLink._make(row) for row in rows.values_list(*DueLink._fields)[:WINDOW]]
        LeadLink.objects.filter(pk__in=[link.id for link in window]).update(
            claimed_by=name, claimed_until=timezone.now() + CLAIM_TIME
        )
    return window


def release_claims(name: str) -> None:
    """Give back what a worker claimed and did not come to."""
    if name:
        LeadLink.objects.filter(claimed_by=name).update(claimed_by="", claimed_until=None)


def release_orphaned_claims(slot: str) -> None:
    """The former holders of this lease are gone: what they claimed is free again."""
    orphaned = LeadLink.objects.filter(due_at__isnull=False, claimed_by__startswith=f"{slot}:")
    orphaned.update(claimed_by="", claimed_until=None)


def _has_of() -> bool:
    return connection.features.has_select_for_update_of


def eligible(
    window: list[DueLink], settings: ReplicationSettings, selection: Selection
) -> set[int]:
    """The contact ids of this window that may be created or updated now.

    A lead that exists is updated when it changed after it was last sent; the score is not asked
    again. A new one needs enough unexpired points, unless it is required or no score is chosen.
    """
    again = selection.again or selection.ignores_score
    changed = {
        link.contact_id for link in window if link.lead_id and _changed(link, settings, again)
    }
    fresh = [link for link in window if not link.lead_id]
    if not settings.by_score or selection.ignores_score:
        return changed | {link.contact_id for link in fresh}
    required = {link.contact_id for link in fresh if link.required}
    return changed | required | _with_points(fresh, settings)


def _changed(link: DueLink, settings: ReplicationSettings, again: bool) -> bool:
    return settings.keep_leads_updated and (again or link.version > link.synced_version)


def _with_points(links: list[DueLink], settings: ReplicationSettings) -> set[int]:
    asked = [link.contact_id for link in links if not link.required]
    if not asked or settings.score is None:
        return set()
    holders = contacts_with_points(settings.score, settings.minimum_points)
    return set(holders.filter(pk__in=asked).values_list("pk", flat=True))
