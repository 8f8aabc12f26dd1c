"""The top of the panel: problems, status strip and buttons, which the page also asks for again."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from wagtail_salesforce.admin.panel_access import AccessSection
from wagtail_salesforce.admin.panel_changes import changes
from wagtail_salesforce.admin.panel_problems import OF_THE_MAPPING, found_by_last_run, problems
from wagtail_salesforce.admin.panel_rights import Rights, rights_of
from wagtail_salesforce.admin.panel_run_words import is_idle
from wagtail_salesforce.admin.panel_status import StatusStrip, status_strip
from wagtail_salesforce.admin.panel_warnings import warnings
from wagtail_salesforce.admin.permissions import PANEL, PermissionRequiredMixin
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.replication.models import ReplicationSettings, Run
from wagtail_salesforce.replication.preflight import mapping_errors


def top_context(
    request: HttpRequest, connection: Connection, settings: ReplicationSettings, rights: Rights
) -> dict[str, Any]:
    """What `panel/top.html` shows, except for `access`, the AccessSection of the page."""
    stopping = problems(settings, rights)
    strip = status_strip(connection, settings, request, bool(stopping))
    run = _telling_run(strip, settings)
    since = connection.authorized_at if strip.connected else None
    return {
        "connection": connection,
        "rights": rights,
        "strip": strip,
        "problems": stopping,
        "run_problem": found_by_last_run(run, settings, stopping, rights, since),
        "warnings": [*warnings(settings, request, rights), *changes(settings, rights)],
        "has_run": run is not None,
    }


def _telling_run(strip: StatusStrip, settings: ReplicationSettings) -> Run | None:
    """The last run; one that found nothing due has not looked at the mapping, so that it takes
    nothing back of what the run before it found wrong there."""
    last = strip.last_run.run if strip.last_run else None
    before = strip.before.run if strip.before else None
    if last is None or before is None or not is_idle(last) or settings.mapping is None:
        return last
    is_broken = before.reason in OF_THE_MAPPING and mapping_errors(settings.mapping)
    return before if is_broken else last


@method_decorator(never_cache, name="dispatch")
class TopView(PermissionRequiredMixin, View):
    """The top of the panel as a fragment, for a page that waits for the outcome of a run."""

    http_method_names = ["get"]
    permissions = PANEL

    def get(self, request: HttpRequest) -> HttpResponse:
        connection, settings = Connection.load(), ReplicationSettings.load()
        context = top_context(request, connection, settings, rights_of(request.user))
        context["access"] = AccessSection(request, connection)
        return render(request, "wagtail_salesforce/panel/top.html", context)
