"""Moves waiting page visits into activities, many at once; the schedule calls it every minute."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from wagtail_salesforce.contacts.activity_types import PAGE_VISIT
from wagtail_salesforce.contacts.attempts import in_one_piece
from wagtail_salesforce.contacts.changes import note_change
from wagtail_salesforce.contacts.models import Activity, Contact, VisitBuffer
from wagtail_salesforce.contacts.visits_people import people_of


CHUNK = 500
SECONDS = 50.0
#: Who opens a page again so soon has only reloaded it.
SAME_VISIT = timedelta(seconds=30)

COLUMNS = ("pk", "last_activity_at", "campaign", "email", "first_name", "last_name")

# (the contact's id, the visit)
Owned = list[tuple[int, VisitBuffer]]


def move_visits(seconds: float = SECONDS) -> dict[str, Any]:
    """The task: move what waits, for so many seconds at most; the next run does the rest.

    A chunk moves in one transaction. A process that dies loses and doubles nothing.
    """
    until = time.monotonic() + seconds
    moved = 0
    while count := in_one_piece(lambda attempt: _move_chunk()):
        moved += count
        if count < CHUNK or time.monotonic() > until:
            break
    return {"state": "finished", "visits": moved}


def _move_chunk() -> int:
    rows = _take()
    if rows:
        _record(_with_contact(rows))
        VisitBuffer.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _take() -> list[VisitBuffer]:
    """The oldest rows, locked: a second worker takes others."""
    skip = connection.features.has_select_for_update_skip_locked
    return list(VisitBuffer.objects.select_for_update(skip_locked=skip).order_by("pk")[:CHUNK])


def _with_contact(rows: Sequence[VisitBuffer]) -> Owned:
    people = people_of(rows)
    owned = [(people[row.pk], row) for row in rows if row.pk in people]
    return sorted(owned, key=lambda pair: pair[1].occurred_at)


def _record(owned: Owned) -> None:
    """Add the activities and keep up the contacts, who are locked."""
    contacts = _locked({contact_id for contact_id, _row in owned})
    kept = _without_reloads([pair for pair in owned if pair[0] in contacts])
    titles = _titles({row.page_id for _contact_id, row in kept})
    Activity.objects.bulk_create(
        [_activity(contact_id, row, titles) for contact_id, row in kept], batch_size=CHUNK
    )
    for contact_id, row in kept:
        _keep_up(contacts[contact_id], row)
    _save({contact_id for contact_id, _row in kept}, contacts)


def _locked(ids: set[int]) -> dict[int, Contact]:
    """Those of the contacts who still exist."""
    rows = Contact.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows.only(*COLUMNS)}


def _without_reloads(owned: Owned) -> Owned:
    """The visits without those of a page that the contact has just visited, now or before."""
    last = _last_visits(owned)
    kept = []
    for contact_id, row in owned:
        before = last.get((contact_id, row.page_id))
        if before is None or abs(row.occurred_at - before) >= SAME_VISIT:
            last[contact_id, row.page_id] = row.occurred_at
            kept.append((contact_id, row))
    return kept


def _last_visits(owned: Owned) -> dict[tuple[int, int | None], datetime]:
    if not owned:
        return {}
    first, last = owned[0][1].occurred_at, owned[-1][1].occurred_at
    around = Q(occurred_at__gt=first - SAME_VISIT, occurred_at__lt=last + SAME_VISIT)
    visits = Activity.objects.filter(
        around, contact__in={contact_id for contact_id, _row in owned}, type=PAGE_VISIT
    )
    rows = visits.order_by("occurred_at").values_list("contact_id", "page_id", "occurred_at")
    return {(contact_id, page_id): moment for contact_id, page_id, moment in rows}


def _titles(page_ids: set[int]) -> dict[int, str]:
    """The titles of pages that still exist."""
    from wagtail.models import Site

    pages = Site._meta.get_field("root_page").related_model._default_manager
    return dict(pages.filter(pk__in=page_ids).values_list("pk", "title"))


def _activity(contact_id: int, row: VisitBuffer, titles: Mapping[int, str]) -> Activity:
    return Activity(
        contact_id=contact_id,
        type=PAGE_VISIT,
        title=titles.get(row.page_id, "")[:250],
        page_id=row.page_id,
        url=row.url,
        campaign=row.campaign,
        occurred_at=row.occurred_at,
    )


def _keep_up(contact: Contact, row: VisitBuffer) -> None:
    if contact.last_activity_at is None or contact.last_activity_at < row.occurred_at:
        contact.last_activity_at = row.occurred_at
    fields = {"last_activity_at"}
    if row.campaign and not contact.campaign:
        contact.campaign = row.campaign
        fields.add("campaign")
    note_change(
        contact.pk,
        fields=fields,
        activity_type=PAGE_VISIT,
        locked=True,
        anonymous=contact.is_anonymous,
    )


def _save(ids: set[int], contacts: Mapping[int, Contact]) -> None:
    """The contacts were not edited, so the moment of their last change stays."""
    visited = [contacts[contact_id] for contact_id in sorted(ids)]
    Contact.objects.bulk_update(visited, ["last_activity_at", "campaign"], batch_size=CHUNK)
