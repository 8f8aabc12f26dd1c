"""Finds due links, window by window, and says which of their contacts may be sent now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from wagtail_salesforce.contacts import bulk
from wagtail_salesforce.contacts.collisions import despite_collisions, update_rows
from wagtail_salesforce.replication.extensions import chosen
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.scoring.queries import contacts_with_points


WINDOW = 1000

#: Long enough that a claim never ends before the lease it stands under, as long as that is renewed.
CLAIM_TIME = timedelta(minutes=10)
RENEW_AFTER = timedelta(minutes=5)


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


@dataclass
class Claimant:
    """Who claims rows: nameless in the mode with one worker, where the lease is enough.

    `held` are the links in its hands. `doubtful` are those that were in the hands of a worker
    that died, and until when Salesforce may still carry out what that one has sent of them.
    """

    name: str = ""
    held: set[int] = field(default_factory=set)
    doubtful: dict[int, datetime] = field(default_factory=dict)
    #: When the oldest claim was made or renewed.
    since: datetime | None = None

    def claim(self, links: QuerySet[LeadLink]) -> list[DueLink]:
        """Claim a window; rows that another worker is claiming are skipped."""
        now = timezone.now()
        rows = despite_collisions(partial(self._claim, links, now + CLAIM_TIME))
        window = [DueLink._make(row[:-1]) for row in rows]
        self.doubtful.update((row[0], row[-1]) for row in rows if row[-1] and row[-1] > now)
        self.held.update(link.id for link in window)
        self.since = self.since or now
        return window

    def _claim(self, links: QuerySet[LeadLink], until: datetime) -> list[tuple[Any, ...]]:
        with transaction.atomic():
            rows = list(_locked(links).values_list(*DueLink._fields, "claimed_until")[:WINDOW])
            _links([row[0] for row in rows]).update(claimed_by=self.name, claimed_until=until)
        return rows

    def renew(self) -> set[int]:
        """Hold on to the claims when it is time to; the links that are no longer ours."""
        now = timezone.now()
        if not self.held or (self.since and now - self.since < RENEW_AFTER):
            return set()
        ours = _links(self.held).filter(claimed_by=self.name)
        lost: set[int] = set()
        if update_rows(ours, claimed_until=now + CLAIM_TIME) < len(self.held):
            lost = self.held - set(ours.values_list("pk", flat=True))
        self.held -= lost
        self.since = now
        return lost

    def let_go(self, link_ids: Iterable[int]) -> None:
        """These are recorded, and so nobody's any more."""
        self.held.difference_update(link_ids)

    def release(self) -> None:
        """Give back what was claimed and not come to; what is doubtful stays so."""
        now = timezone.now()
        doubtful = {pk: until for pk, until in self.doubtful.items() if until > now}
        for until in {*doubtful.values(), None}:
            ids = [pk for pk in self.held if doubtful.get(pk) == until]
            if ids:
                ours = _links(ids).filter(claimed_by=self.name)
                update_rows(ours, claimed_by="", claimed_until=until)
        self.held.clear()


def _links(ids: Iterable[int]) -> QuerySet[LeadLink]:
    return LeadLink.objects.filter(pk__in=bulk.among(list(ids), "bigint"))


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
    free = Q(claimed_by="") | Q(claimed_until__lte=now)
    links = LeadLink.objects.filter(free, due_at__lte=now, contact__isnull=False, job=None)
    return links.filter(contact_id=selection.contact_id) if selection.contact_id else links


def _live_links(selection: Selection) -> QuerySet[LeadLink]:
    live = [LeadLink.State.NEW, LeadLink.State.REPLICATED]
    links = LeadLink.objects.filter(state__in=live, contact__isnull=False)
    return links.filter(contact_id=selection.contact_id) if selection.contact_id else links


def _read(links: QuerySet[LeadLink], claimant: Claimant) -> list[DueLink]:
    links = links.order_by("contact_id")
    if claimant.name:
        return claimant.claim(links)
    return [DueLink._make(row) for row in links.values_list(*DueLink._fields)[:WINDOW]]


def _locked(links: QuerySet[LeadLink]) -> QuerySet[LeadLink]:
    skip = connection.features.has_select_for_update_skip_locked
    return links.select_for_update(skip_locked=skip, of=("self",) if _has_of() else ())


def send_again(link_ids: Iterable[int], *, but_not_at: datetime | None = None) -> int:
    """What we sent of these may have come after something newer: they go once more.

    Not those that were recorded at the given moment. Only marks as due, and so needs no lease.
    """
    live = _links(link_ids).filter(state__in=[LeadLink.State.NEW, LeadLink.State.REPLICATED])
    late = live.filter(contact__isnull=False)
    if but_not_at:
        late = late.filter(Q(replicated_at=None) | ~Q(replicated_at=but_not_at))
    return update_rows(late, version=F("version") + 1, due_at=timezone.now(), fingerprint="")


def distrust(link_ids: Iterable[int]) -> None:
    """A call was begun for these and never answered: they may be other than was accepted last."""
    update_rows(_links(link_ids).exclude(fingerprint=""), fingerprint="")


def _has_of() -> bool:
    return connection.features.has_select_for_update_of


def eligible(
    window: list[DueLink], settings: ReplicationSettings, selection: Selection
) -> set[int]:
    """The contact ids of this window that may be created or updated now.

    A lead that exists is updated when it changed after it was last sent; the score is not asked
    again. A new one needs enough unexpired points, unless it is required or no score is chosen.
    In the end the site's own code chooses, where it does.
    """
    again = selection.again or selection.ignores_score
    changed = {
        link.contact_id for link in window if link.lead_id and _changed(link, settings, again)
    }
    fresh = [link for link in window if not link.lead_id]
    if not settings.by_score or selection.ignores_score:
        return chosen(changed | {link.contact_id for link in fresh})
    required = {link.contact_id for link in fresh if link.required}
    return chosen(changed | required | _with_points(fresh, settings))


def _changed(link: DueLink, settings: ReplicationSettings, again: bool) -> bool:
    return settings.keep_leads_updated and (again or link.version > link.synced_version)


def _with_points(links: list[DueLink], settings: ReplicationSettings) -> set[int]:
    asked = [link.contact_id for link in links if not link.required]
    if not asked or settings.score is None:
        return set()
    holders = contacts_with_points(settings.score, settings.minimum_points)
    return set(holders.filter(pk__in=asked).values_list("pk", flat=True))
