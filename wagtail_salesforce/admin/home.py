"""The panel on the admin's home page: one cached look at how replication stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from wagtail.admin.ui.components import Component

from wagtail_salesforce.admin.panel_problems import codes_in_order
from wagtail_salesforce.admin.panel_status import cluster_serves
from wagtail_salesforce.admin.permissions import PANEL, VIEW_LINKS, may
from wagtail_salesforce.exceptions import REASONS
from wagtail_salesforce.replication.models import LeadLink, Run
from wagtail_salesforce.replication.status import due_counts, link_counts


CACHE_KEY = "wagtail_salesforce:home"
SECONDS = 60


def summary() -> dict[str, Any]:
    """How many contacts are due and suspended, and the reasons why nothing would run: {"due",
    "suspended": numbers, "problems": codes, "has_run", "cluster_serves": whether}.

    At most a minute old, so that the home page costs nothing on most visits.
    """
    return cache.get_or_set(CACHE_KEY, _summary, SECONDS) or {}


def _summary() -> dict[str, Any]:
    return {
        "due": due_counts()["due"],
        "suspended": link_counts()[LeadLink.State.SUSPENDED],
        "problems": codes_in_order(),
        "has_run": Run.objects.exists(),
        "cluster_serves": cluster_serves(),
    }


class HomePanel(Component):
    """Due and suspended contacts, and what stops replication."""

    name = "salesforce"
    order = 250
    template_name = "wagtail_salesforce/home/panel.html"

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        found = summary()
        return found | {
            "reasons": [REASONS[code] for code in found["problems"]],
            "may_see_links": may(self.request.user, VIEW_LINKS),
        }

    def render_html(self, parent_context: Mapping[str, Any] | None = None) -> str:
        """Nothing, and no query, for people without any of the permissions."""
        return super().render_html(parent_context) if may(self.request.user, *PANEL) else ""
