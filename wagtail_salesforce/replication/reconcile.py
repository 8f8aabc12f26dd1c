"""Finds everything that slipped through, for edits made by direct SQL and lost submissions."""

from __future__ import annotations

from wagtail_salesforce.contacts.forms import reconcile_submissions
from wagtail_salesforce.replication.due import mint_missing, resend_all, resend_one


def reconcile(contact_id: int | None = None) -> None:
    """Mark every contact (or one) to be mapped again; only what differs will be sent."""
    if contact_id is not None:
        resend_one(contact_id)
        return
    reconcile_submissions()
    mint_missing()
    resend_all()
