"""What is known of one person's leads, for the export of a person."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.models import LeadLink


def leads_of(contact: Contact) -> list[dict[str, Any]]:
    """The contact's lead and those of contacts that were merged into it, as JSON values."""
    links = LeadLink.objects.filter(Q(contact=contact) | Q(merged_into=contact)).order_by("pk")
    return [_lead(link) for link in links]


def _lead(link: LeadLink) -> dict[str, Any]:
    return {
        "external_id": link.external_id,
        "organization": link.org_id,
        "lead": link.lead_id,
        "state": link.state,
        "state_label": str(link.get_state_display()),
        "excluded_reason": str(link.get_excluded_reason_display()),
        "required": link.required,
        "replicated_at": link.replicated_at and link.replicated_at.isoformat(),
        "error_code": link.last_error_code,
        "error": link.last_error_message,
    }
