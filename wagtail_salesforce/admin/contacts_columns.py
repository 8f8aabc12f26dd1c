"""Columns of the contact lists."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import ButtonsColumnMixin, Column, TitleColumn

from wagtail_salesforce.admin.lead_link_words import describe
from wagtail_salesforce.replication.models import LeadLink


class InspectColumn(ButtonsColumnMixin, TitleColumn):
    """The name of a row as a link to its own page, with the row's menu of actions."""

    def __init__(self, view: Any, **kwargs: Any) -> None:
        super().__init__("name", accessor=str, **kwargs)
        self.view = view

    def get_link_url(self, instance: Any, parent_context: Any) -> str | None:
        return self.view.get_inspect_url(instance)

    def get_buttons(self, instance: Any, parent_context: Any) -> list[Any]:
        return self.view.get_list_buttons(instance)


class PointsColumn(Column):
    """The points in one score, read from what `with_points` attached to the contact."""

    cell_template_name = "wagtail_salesforce/contacts/points_cell.html"

    def get_value(self, instance: Any) -> int | None:
        return points_of(instance)


def points_of(contact: Any) -> int | None:
    """The points attached by `contacts_query.with_points`, or None without any."""
    held = contact.points_in_score
    return held[0].points if held else None


class LeadStateColumn(Column):
    """Where the contact's lead stands, as a status tag."""

    cell_template_name = "wagtail_salesforce/contacts/lead_state_cell.html"

    def get_value(self, instance: Any) -> str:
        return lead_state(instance)

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        link = lead_link(instance)
        return context | {"words": describe(link) if link else None}


def lead_link(contact: Any) -> LeadLink | None:
    """The contact's lead link, already attached by `contacts_query.with_lead_link`."""
    return getattr(contact, "lead_link", None)


def lead_state(contact: Any) -> str:
    """Where the contact's lead stands, in words."""
    link = lead_link(contact)
    return describe(link).title if link else str(_("Not in Salesforce"))
