"""What the admin shows of a contact's lead, and what it offers to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.middleware.csrf import get_token
from wagtail.admin.ui.components import Component

from wagtail_salesforce.admin import contacts_access
from wagtail_salesforce.admin.held_back import HeldBack, held_back_by
from wagtail_salesforce.admin.lead_link_words import OF_THE_CONTACT, LinkWords, describe
from wagtail_salesforce.admin.permissions import REPLICATE_CONTACT, may
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.salesforce.hosts import parse_address


State = LeadLink.State

#: The actions that make sense in each state, in the order of their buttons.
ACTIONS = {
    State.NEW: ("replicate", "exclude"),
    State.REPLICATED: ("replicate", "exclude"),
    State.SUSPENDED: ("retry", "replicate", "exclude"),
    State.EXCLUDED: ("include",),
}


@dataclass(frozen=True)
class LinkView:
    """A lead link as templates show it."""

    link: LeadLink
    words: LinkWords
    actions: tuple[str, ...]

    @property
    def first_action(self) -> str:
        """The one way back to offer in a listing."""
        return self.actions[0] if self.actions else ""


def link_view(link: LeadLink, held: HeldBack | None = None) -> LinkView:
    """What to show of a link; a link whose contact is gone offers no action.

    What keeps the contact back, where that is known, leaves out what would do nothing.
    """
    actions = ACTIONS.get(State(link.state), ()) if link.contact_id else ()
    if held and held.otherwise:
        actions = tuple(action for action in actions if action != "replicate")
    return LinkView(link, describe(link), actions)


def lead_url(lead_id: str, connection: Connection | None = None) -> str:
    """The page of a lead in the organization's own user interface, or "" when there is none.

    Salesforce Lightning: /lightning/r/<object>/<id>/view on the org's own host. A practice org
    shows its leads on one page, which finds them by id.
    """
    connection = connection or Connection.load()
    if not (lead_id and connection.instance_url):
        return ""
    base = connection.instance_url.rstrip("/")
    address = parse_address(base)
    if address and address.is_loopback:
        return f"{base}/?q={lead_id}#leads"
    return f"{base}/lightning/r/Lead/{lead_id}/view"


def contact_url(contact: Contact | None, user: Any) -> str:
    """The admin page of a contact, or "" where this person may not open it."""
    if contact is None or not contacts_access.may_see_contacts(user):
        return ""
    return contacts_access.contact_url(contact.pk)


def correct_url(link: LeadLink, user: Any) -> str:
    """The form of a contact that Salesforce refused for one of its values, or "" where another
    reason stands against it or this person may not change contacts."""
    field = OF_THE_CONTACT.get(link.last_error_code)
    if link.state != State.SUSPENDED or link.contact_id is None or field is None:
        return ""
    if not user.has_perm(contacts_access.CHANGE):
        return ""
    url = contacts_access.contact_edit_url(link.contact_id)
    return f"{url}#{field}" if field else url


class LeadLinkPanel(Component):
    """The lead of one contact: state, reason, attempts, a link into Salesforce, buttons."""

    template_name = "wagtail_salesforce/lead_links/panel.html"

    def __init__(self, contact: Contact) -> None:
        self.contact = contact

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        request = (parent_context or {})["request"]
        link = LeadLink.objects.filter(contact=self.contact).first()
        held = held_back_by(link, ReplicationSettings.load()) if link else HeldBack()
        return {
            "contact": self.contact,
            "view": link_view(link, held) if link else None,
            "held": held,
            "correct_url": correct_url(link, request.user) if link else "",
            "permitted": may(request.user, REPLICATE_CONTACT),
            "csrf_token": get_token(request),
            "next": request.path,
            **_links_into_salesforce(link),
        }


def _links_into_salesforce(link: LeadLink | None) -> dict[str, str]:
    connection = Connection.load()
    if link is None or link.org_id != connection.org_id:
        return {}
    return {
        "lead_url": lead_url(link.lead_id, connection),
        "surviving_url": lead_url(link.surviving_lead_id, connection),
    }


def lead_link_panel(contact: Contact) -> LeadLinkPanel:
    """The component for a contact's page: `{% component lead_link_panel %}`."""
    return LeadLinkPanel(contact)
