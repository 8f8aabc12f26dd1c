"""Companies and the contacts whose company name they decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from wagtail_salesforce.contacts.changes import gather_changes, note_change


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
    with gather_changes():
        for contact_id in set(contact_ids):
            if contact_id is not None:
                note_change(contact_id, fields={"company"})
