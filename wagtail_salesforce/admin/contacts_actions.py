"""What somebody may do with one contact, beside changing it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.widgets.button import Button

from wagtail_salesforce.admin.contacts_access import EXPORT, MERGE, NAMESPACE, contact_url
from wagtail_salesforce.admin.contacts_bulk_actions import (
    AddActivityAction,
    EraseAction,
    RequireAction,
    RequireNotAction,
    action_url,
)
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.models import LeadLink


def page_actions(contact: Contact, user: Any) -> list[Button]:
    """The buttons in the menu of a contact's page. What the list does with many contacts is
    offered for this one."""
    return list(_actions(contact, user))


def _actions(contact: Contact, user: Any) -> Iterator[Button]:
    back = contact_url(contact.pk)
    if AddActivityAction.permitted(user):
        url = action_url("add_activity", contact.pk, back)
        yield Button(_("Add activity"), url=url, icon_name="plus", priority=10)
    if RequireAction.permitted(user):
        yield _requiring(contact, back)
    if user.has_perm(MERGE):
        url = reverse(f"{NAMESPACE}:merge_choose", args=[contact.pk])
        yield Button(_("Merge"), url=url, icon_name="group", priority=30)
    if user.has_perm(EXPORT):
        url = reverse(f"{NAMESPACE}:export_person", args=[contact.pk])
        yield Button(_("Export all that is known"), url=url, icon_name="download", priority=40)
    if EraseAction.permitted(user):
        url = action_url("erase", contact.pk, reverse(f"{NAMESPACE}:index"))
        yield Button(_("Erase"), url=url, icon_name="warning", priority=60)


def _requiring(contact: Contact, back: str) -> Button:
    required = LeadLink.objects.filter(contact=contact, required=True).exists()
    action = RequireNotAction if required else RequireAction
    url = action_url(action.action_type, contact.pk, back)
    return Button(action.display_name, url=url, icon_name=action.icon, priority=20)
