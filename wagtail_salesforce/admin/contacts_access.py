"""Who may see and do what with contacts, and where their pages are."""

from __future__ import annotations

from typing import Any

from django.urls import reverse


NAMESPACE = "wagtail_salesforce_contacts"

#: Seeing a person's data needs one of these; to add or delete alone does not show anybody.
SEEING = ["view", "change"]

VIEW = "wagtail_salesforce.view_contact"
CHANGE = "wagtail_salesforce.change_contact"
EXPORT = "wagtail_salesforce.export_contact"
ERASE = "wagtail_salesforce.erase_contact"
MERGE = "wagtail_salesforce.merge_contact"


def may_see_contacts(user: Any) -> bool:
    """Whether somebody may see contacts at all."""
    return user.has_perm(VIEW) or user.has_perm(CHANGE)


def contact_url(contact_id: int) -> str:
    """The address of a contact's page in the admin."""
    return reverse(f"{NAMESPACE}:inspect", args=[contact_id])


def contacts_url() -> str:
    """The address of the list of contacts in the admin."""
    return reverse(f"{NAMESPACE}:index")


def contact_edit_url(contact_id: int) -> str:
    """The address of the form that changes a contact."""
    return reverse(f"{NAMESPACE}:edit", args=[contact_id])
