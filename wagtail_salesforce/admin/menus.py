"""Where the package's pages stand in the admin's menus."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from wagtail_salesforce.admin.permissions import PANEL, VIEW_LINKS, VIEW_RUNS, may


#: Settings → Integration. Other packages may join through its hooks.
integration_menu = Menu(
    register_hook_name="register_integration_menu_item",
    construct_hook_name="construct_integration_menu",
)


class PermittedMenuItem(MenuItem):
    """A menu item for those who hold one of its permissions."""

    def __init__(self, *args: Any, permissions: tuple[str, ...], **kwargs: Any) -> None:
        self.permissions = permissions
        super().__init__(*args, **kwargs)

    def is_shown(self, request: Any) -> bool:
        return may(request.user, *self.permissions)


def integration_item() -> MenuItem:
    """The group "Integration" under Settings; hidden while it has no item to show."""
    return SubmenuMenuItem(
        _("Integration"), integration_menu, name="integration", icon_name="link", order=8000
    )


def panel_item() -> MenuItem:
    """Settings → Integration → Salesforce."""
    return PermittedMenuItem(
        "Salesforce",
        reverse("wagtail_salesforce:panel"),
        name="salesforce",
        icon_name="rotate",
        permissions=PANEL,
    )


def reports_item() -> MenuItem:
    """Reports → Salesforce replication, with one item for each report."""
    return SubmenuMenuItem(
        _("Salesforce replication"),
        Menu(items=[_runs_item(), _attention_item()]),
        name="salesforce-replication",
        icon_name="rotate",
        order=1200,
    )


def _runs_item() -> MenuItem:
    return PermittedMenuItem(
        _("Runs"),
        reverse("wagtail_salesforce:runs"),
        name="salesforce-runs",
        icon_name="history",
        permissions=(VIEW_RUNS,),
        order=100,
    )


def _attention_item() -> MenuItem:
    return PermittedMenuItem(
        _("Contacts that need attention"),
        reverse("wagtail_salesforce:attention"),
        name="salesforce-attention",
        icon_name="warning",
        permissions=(VIEW_LINKS,),
        order=200,
    )
