"""What the package adds to Wagtail's admin: registrations only."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from wagtail import hooks
from wagtail.snippets.models import register_snippet

from wagtail_salesforce.admin import log_actions, menus, permissions, urls
from wagtail_salesforce.admin.contacts_bulk_actions import ACTIONS as BULK_ACTIONS
from wagtail_salesforce.admin.contacts_group import ContactsGroup
from wagtail_salesforce.admin.home import HomePanel
from wagtail_salesforce.admin.mapping_views import warn_before_deleting_several
from wagtail_salesforce.admin.mapping_viewset import MappingViewSet
from wagtail_salesforce.contacts import visits


STYLESHEETS = (
    "wagtail_salesforce",
    "panel",
    "panel-settings",
    "mapping",
    "contacts",
    "contact",
    "form-connections",
    "job-progress",
)

register_snippet(MappingViewSet)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[Any]:
    return urls.urlpatterns


@hooks.register("register_settings_menu_item")
def register_integration_menu() -> Any:
    return menus.integration_item()


@hooks.register("register_integration_menu_item")
def register_panel_menu_item() -> Any:
    return menus.panel_item()


@hooks.register("register_reports_menu_item")
def register_reports_menu_item() -> Any:
    return menus.reports_item()


@hooks.register("register_permissions")
def register_permissions() -> Any:
    return permissions.registered_permissions()


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    log_actions.register(actions)


@hooks.register("construct_homepage_panels")
def add_home_panel(request: Any, panels: list[Any]) -> None:
    panels.append(HomePanel(request))


@hooks.register("register_admin_viewset")
def register_contacts_group() -> ContactsGroup:
    return ContactsGroup()


@hooks.register("insert_global_admin_js")
def job_progress_script() -> str:
    src = static("wagtail_salesforce/job-progress.js")
    return format_html('<script src="{}"></script>', src)


for bulk_action in BULK_ACTIONS:
    hooks.register("register_bulk_action", bulk_action)


@hooks.register("before_delete_snippet")
def warn_before_deleting_mappings(request: Any, snippets: Any) -> None:
    warn_before_deleting_several(request, snippets)


@hooks.register("on_serve_page", order=10_000)
def note_served_page(serve: Any) -> Any:
    return visits.noting_page(serve)


@hooks.register("insert_global_admin_css")
def stylesheets() -> str:
    links = ((static(f"wagtail_salesforce/{name}.css"),) for name in STYLESHEETS)
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', links)
