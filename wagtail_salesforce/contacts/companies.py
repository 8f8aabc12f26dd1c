"""Companies and the contacts whose company name they decide."""

from __future__ import annotations

from wagtail_salesforce.contacts.changes import gather_changes, note_change
from wagtail_salesforce.contacts.models import Company


def note_company_change(company: Company) -> None:
    """A company was saved: its members' company name may be another one now."""
    concerned = set(company.memberships.values_list("contact_id", flat=True))
    concerned |= {company.primary_contact_id, company.secondary_contact_id}
    with gather_changes():
        for contact_id in concerned - {None}:
            note_change(contact_id, fields={"company"})
