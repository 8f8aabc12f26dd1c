"""Merging two contacts who turn out to be one person.

from wagtail_salesforce.contacts.merge import merge

merge(survivor_id, other_id, choices={"job_title": "other", "attributes.size": "other"})
"""

from __future__ import annotations

from functools import partial

from django.db import transaction

from wagtail_salesforce.contacts.attempts import in_one_piece
from wagtail_salesforce.contacts.changes import note_change
from wagtail_salesforce.contacts.leaving import already_seen_to
from wagtail_salesforce.contacts.merge_preview import MergePreview, MergeRow, preview_merge
from wagtail_salesforce.contacts.merge_rows import move_rows
from wagtail_salesforce.contacts.merge_values import Choices, apply, merged_values
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.exceptions import MergeRefused
from wagtail_salesforce.signals import contacts_merged, contacts_merging


__all__ = ["MergePreview", "MergeRow", "merge", "preview_merge"]


def merge(survivor_id: int, other_id: int, *, choices: Choices | None = None) -> Contact:
    """Make two contacts one, and return the survivor; the other one is gone afterwards.

    Everything the other has goes to the survivor: activities, companies with roles and places,
    visitor cookies, website account, ledger entries and the lead; points are computed again. The
    survivor's values stay and its empty ones are filled; `choices` maps a contact field, "owner",
    "user" or "attributes.<name>" to "survivor" or "other" where that is to be otherwise. All in
    one transaction, with a number of statements that does not depend on the activities.

    Raises MergeRefused: `merge_same` for a contact and itself, `merge_gone` when one of them does
    not exist (any more), `merge_choice` for a choice that names no field or no side.
    """
    if survivor_id == other_id:
        raise MergeRefused(code="merge_same")
    return in_one_piece(lambda attempt: _merge(survivor_id, other_id, choices or {}))


def _merge(survivor_id: int, other_id: int, choices: Choices) -> Contact:
    survivor, other = _hold(survivor_id, other_id)
    values = merged_values(survivor, other, Attribute.objects.all(), choices)
    contacts_merging.send(sender=Contact, survivor_id=survivor.pk, other_id=other.pk)
    types = move_rows(survivor.pk, other.pk)
    with already_seen_to([other.pk]):
        # Before the survivor is saved, as it may take over the e-mail address and the account.
        Contact.objects.filter(pk=other.pk).delete()
    apply(values, survivor)
    _take_over_moments(survivor, other)
    survivor.save()
    for name in types:
        note_change(survivor.pk, activity_type=name, fields={"*"}, locked=True)
    told = partial(contacts_merged.send, sender=Contact, survivor_id=survivor_id, other_id=other_id)
    transaction.on_commit(told, robust=True)
    return survivor


def _hold(survivor_id: int, other_id: int) -> tuple[Contact, Contact]:
    """Both contacts, locked in the order of their ids, so that nobody waits in a circle."""
    pair = Contact.objects.select_for_update().filter(pk__in=[survivor_id, other_id])
    found = {contact.pk: contact for contact in pair.order_by("pk")}
    if len(found) < 2:
        raise MergeRefused(code="merge_gone")
    return found[survivor_id], found[other_id]


def _take_over_moments(survivor: Contact, other: Contact) -> None:
    survivor.created_at = min(survivor.created_at, other.created_at)
    moments = [when for when in (survivor.last_activity_at, other.last_activity_at) if when]
    survivor.last_activity_at = max(moments, default=None)
