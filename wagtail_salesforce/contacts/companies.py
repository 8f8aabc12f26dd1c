"""Companies and the contacts whose company name they decide."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from typing import TYPE_CHECKING

from wagtail_salesforce.contacts.changes import gather_changes, note_change
from wagtail_salesforce.contacts.collisions import despite_collisions


if TYPE_CHECKING:
    from wagtail_salesforce.contacts.models import Company


def note_company_change(company: Company) -> None:
    """A company was saved or is about to go: its people's company name may be another one now.

    Concerned are its members and its primary and secondary contact; those who were that before
    the save are noted by `Company.save`.
    """
    members = company.memberships.values_list("contact_id", flat=True)
    note_company_contacts([*members, company.primary_contact_id, company.secondary_contact_id])


def note_company_contacts(contact_ids: Iterable[int | None]) -> None:
    """Note that the company name of these contacts may have changed; None is passed over."""
    despite_collisions(partial(_note, {pk for pk in contact_ids if pk is not None}))


def _note(contact_ids: Collection[int]) -> None:
    with gather_changes():
        for contact_id in contact_ids:
            note_change(contact_id, fields={"company"})
