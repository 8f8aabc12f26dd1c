"""The bulk actions of the contact list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from wagtail_salesforce.admin import contacts_bulk_work as works
from wagtail_salesforce.admin.contacts_bulk import ContactBulkAction
from wagtail_salesforce.admin.contacts_bulk_forms import ActivityForm, EraseForm
from wagtail_salesforce.contacts.models import Contact


class AddActivityAction(ContactBulkAction):
    action_type = "add_activity"
    display_name = _("Add activity")
    aria_label = _("Add an activity to the chosen contacts")
    action_priority = 10
    icon = "plus"
    work = works.ADD_ACTIVITY
    form_class = ActivityForm
    explanation = _(
        "The activity appears on the page of each contact, and gives the points of the rules that "
        "it meets."
    )

    def done_message(self, count: int) -> str:
        text = ngettext(
            "The activity was added to %(count)d contact.",
            "The activity was added to %(count)d contacts.",
            count,
        )
        return text % {"count": count}


class RequireAction(ContactBulkAction):
    action_type = "require"
    display_name = _("Mark as required")
    aria_label = _("Mark the chosen contacts as required")
    action_priority = 20
    icon = "check"
    work = works.REQUIRE
    explanation = _(
        "Required contacts go to Salesforce whatever their points. Those that are excluded, or "
        "have not given the consent that the settings ask for, still do not."
    )

    def done_message(self, count: int) -> str:
        text = ngettext(
            "%(count)d contact is required now.", "%(count)d contacts are required now.", count
        )
        return text % {"count": count}


class RequireNotAction(ContactBulkAction):
    action_type = "require_not"
    display_name = _("Mark as not required")
    aria_label = _("Mark the chosen contacts as not required")
    action_priority = 30
    icon = "cross"
    work = works.REQUIRE_NOT
    explanation = _(
        "Contacts that are not in Salesforce yet go there only with enough points again. Leads "
        "that are there stay, and are kept up to date."
    )

    def done_message(self, count: int) -> str:
        text = ngettext(
            "%(count)d contact is not required any more.",
            "%(count)d contacts are not required any more.",
            count,
        )
        return text % {"count": count}


class ExcludeAction(ContactBulkAction):
    action_type = "exclude"
    display_name = _("Exclude")
    aria_label = _("Exclude the chosen contacts from replication")
    action_priority = 40
    icon = "no-view"
    work = works.EXCLUDE
    explanation = _(
        "Excluded contacts are not sent to Salesforce until somebody includes them again. Leads "
        "that are there stay as they are."
    )

    def done_message(self, count: int) -> str:
        text = ngettext(
            "%(count)d contact is excluded now.", "%(count)d contacts are excluded now.", count
        )
        return text % {"count": count}


class IncludeAction(ContactBulkAction):
    action_type = "include"
    display_name = _("Include again")
    aria_label = _("Lift the exclusion of the chosen contacts")
    action_priority = 50
    icon = "view"
    work = works.INCLUDE
    explanation = _(
        "The contacts may go to Salesforce again. Where the lead was converted, deleted or merged "
        "there, a new lead is made."
    )

    def done_message(self, count: int) -> str:
        text = ngettext(
            "%(count)d contact is included again.", "%(count)d contacts are included again.", count
        )
        return text % {"count": count}


class EraseAction(ContactBulkAction):
    action_type = "erase"
    display_name = _("Erase")
    aria_label = _("Erase the chosen contacts")
    action_priority = 60
    classes = {"serious"}
    icon = "bin"
    work = works.ERASE_ALL
    form_class = EraseForm
    warning = _(
        "Everything known of these people is lost for good: their fields and attributes, "
        "activities, points, membership in companies and the browsers they are recognised by. "
        "This cannot be undone."
    )

    def done_message(self, count: int) -> str:
        text = ngettext("%(count)d contact was erased.", "%(count)d contacts were erased.", count)
        return text % {"count": count}


ACTIONS: tuple[type[ContactBulkAction], ...] = (
    AddActivityAction,
    RequireAction,
    RequireNotAction,
    ExcludeAction,
    IncludeAction,
    EraseAction,
)


@dataclass(frozen=True)
class ButtonOfAction:
    """A bulk action below the list."""

    url: str
    display_name: str | Promise
    aria_label: str | Promise
    classes: frozenset[str]


def buttons(user: Any) -> list[ButtonOfAction]:
    """The actions that somebody may do."""
    return [
        ButtonOfAction(
            action_url(action.action_type),
            action.display_name,
            action.aria_label,
            frozenset(action.classes),
        )
        for action in ACTIONS
        if action.permitted(user)
    ]


def action_url(action_type: str, contact_id: int | None = None, back: str = "") -> str:
    """The address of a bulk action; with its number for one contact, and where to go then."""
    args = [Contact._meta.app_label, Contact._meta.model_name, action_type]
    url = reverse("wagtail_bulk_action", args=args)
    return url if contact_id is None else f"{url}?{urlencode({'id': contact_id, 'next': back})}"
