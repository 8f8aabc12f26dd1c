"""What becomes of the leads of two contacts who turn out to be one person.

A link keeps its row, so that the outcome of a call under way is recorded where it belongs:
links change hands, their leads do not.
"""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from wagtail_salesforce.replication.models import LeadLink


State, Excluded = LeadLink.State, LeadLink.Excluded

Pair = tuple[LeadLink | None, LeadLink | None]


def join_links(survivor_id: int, other_id: int) -> None:
    """Let the survivor have one link, inside the transaction that merges the contacts.

    Who already has a lead keeps it. The other link stays on record: its lead is a second one
    for somebody to look at, and a call under way may still give it one.
    """
    mine, theirs = _links(survivor_id, other_id, held=True)
    LeadLink.objects.filter(merged_into=other_id).update(merged_into=survivor_id)
    if theirs is None:
        return
    kept = chosen(mine, theirs)
    if mine is not None:
        _set_aside(theirs if kept is mine else mine, survivor_id)
    links = LeadLink.objects.filter(pk=kept.pk)
    links.update(contact=survivor_id, version=F("version") + 1, **_wishes(mine, theirs))


def chosen(mine: LeadLink | None, theirs: LeadLink) -> LeadLink:
    """The link to keep: the survivor's, unless only the other has a lead (or a living one)."""
    return theirs if mine is None or _worth(theirs) > _worth(mine) else mine


def foresee(survivor_id: int, other_id: int) -> str:
    """What merging does to the leads, in whole sentences."""
    mine, theirs = _links(survivor_id, other_id)
    if theirs is None or not theirs.lead_id:
        if mine and mine.lead_id:
            return _("The lead of the contact that stays is kept.")
        return _("Neither contact has a lead in Salesforce.")
    if mine is None or not mine.lead_id:
        return _("The lead of the other contact becomes the lead of the contact that stays.")
    if chosen(mine, theirs) is mine:
        kept = _("The lead of the contact that stays is kept.")
    else:
        kept = _("The lead of the other contact is kept, as the first one is gone in Salesforce.")
    second = _(
        "Both have a lead: the second one stays in Salesforce and is listed among the contacts "
        "that need attention."
    )
    return f"{kept} {second}"


def _links(survivor_id: int, other_id: int, *, held: bool = False) -> Pair:
    links = LeadLink.objects.filter(contact__in=[survivor_id, other_id]).order_by("pk")
    found = {link.contact_id: link for link in (links.select_for_update() if held else links)}
    return found.get(survivor_id), found.get(other_id)


def _worth(link: LeadLink) -> int:
    """A living lead before one that a Bulk job is about to make, before one that is gone."""
    if not link.lead_id:
        return 0 if link.job is None else 2
    gone = link.state == State.EXCLUDED and link.excluded_reason in GONE
    return 1 if gone else 3


#: What an exclusion says of a lead that is no more.
GONE = (Excluded.DELETED, Excluded.MERGED)


def _set_aside(second: LeadLink, survivor_id: int) -> None:
    """The version grows so that a batch under way does not put a due mark on it."""
    LeadLink.objects.filter(pk=second.pk).update(
        contact=None,
        merged_into=survivor_id,
        state=State.EXCLUDED,
        excluded_reason=Excluded.SECOND,
        version=F("version") + 1,
        due_at=None,
        required=False,
        fingerprint="",
        last_error_code="",
        last_error_message="",
    )


def _wishes(mine: LeadLink | None, theirs: LeadLink) -> dict[str, Any]:
    """What people have decided about either contact holds for the one that stays."""
    both = [link for link in (mine, theirs) if link]
    wishes: dict[str, Any] = {"required": any(link.required for link in both)}
    if any(_by_hand(link) for link in both):
        wishes |= {"state": State.EXCLUDED, "excluded_reason": Excluded.BY_HAND, "due_at": None}
    return wishes


def _by_hand(link: LeadLink) -> bool:
    return link.state == State.EXCLUDED and link.excluded_reason == Excluded.BY_HAND
