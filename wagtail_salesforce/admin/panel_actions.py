"""The buttons of the panel: Replicate now, Test connection, confirm the site, start over."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from wagtail_salesforce.admin.panel_problems import problems
from wagtail_salesforce.admin.panel_rights import rights_of
from wagtail_salesforce.admin.panel_run_words import run_under_way
from wagtail_salesforce.admin.panel_status import cluster_command, cluster_serves, note_asked
from wagtail_salesforce.admin.permissions import AUTHORIZE, RUN, PermissionRequiredMixin
from wagtail_salesforce.admin.words import in_words
from wagtail_salesforce.connection import authorize
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.site import confirm_site
from wagtail_salesforce.contacts.collisions import despite_collisions
from wagtail_salesforce.exceptions import ConnectorError
from wagtail_salesforce.replication import due, tasks
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings


PANEL = "wagtail_salesforce:panel"
TELL = {"ok": messages.success, "error": messages.error}


class ReplicateNowView(PermissionRequiredMixin, View):
    """Queues a run in the background, unless something would stop it at once."""

    http_method_names = ["post"]
    permissions = (RUN,)

    def post(self, request: HttpRequest) -> HttpResponse:
        settings = ReplicationSettings.load()
        found = problems(settings, rights_of(request.user))
        if found:
            text = _("Replication was not started: %(reason)s %(cure)s")
            values = {"reason": found[0].text, "cure": found[0].cure}
            messages.error(request, text % values)
            return redirect(PANEL)
        self._tell(request)
        with transaction.atomic():
            # Also during a run: it may have passed over what is due since a moment ago.
            tasks.replicate_now()
            log(settings, "wagtail_salesforce.replicate_now", user=request.user)
        return redirect(PANEL)

    def _tell(self, request: HttpRequest) -> None:
        if run_under_way():
            text = _("A run is under way already. What it leaves is sent by another one after it.")
            messages.info(request, text)
            return
        note_asked(request)
        if cluster_serves():
            text = _("Replication is starting. The outcome appears below under “Last run”.")
            messages.success(request, text)
            return
        text = _(
            "Replication is queued, but no background worker seems to be running. It starts once "
            "this command runs on the server: %(command)s"
        )
        messages.warning(request, text % {"command": cluster_command()})


class TestConnectionView(PermissionRequiredMixin, View):
    """Asks Salesforce now, and says in words what works and what does not."""

    http_method_names = ["post"]
    permissions = (AUTHORIZE,)

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            findings = authorize.test_connection()
        except ConnectorError as error:
            messages.error(request, in_words(error))
            return redirect(PANEL)
        for finding in findings:
            TELL[finding.level](request, f"{finding.text} {finding.cure}".strip())
        return redirect(PANEL)


class ConfirmSiteView(PermissionRequiredMixin, View):
    """An editor says that this installation may use the connection from now on."""

    http_method_names = ["post"]
    permissions = (AUTHORIZE,)

    def post(self, request: HttpRequest) -> HttpResponse:
        confirm_site()
        log(Connection.load(), "wagtail_salesforce.confirm_site", user=request.user)
        messages.success(request, _("This site uses the connection from now on."))
        return redirect(PANEL)


class StartOverView(PermissionRequiredMixin, WagtailAdminTemplateMixin, TemplateView):
    """Asks first, then forgets the leads of a former organization."""

    http_method_names = ["get", "post"]
    permissions = (AUTHORIZE,)
    page_title = gettext_lazy("Start over for another organization")
    header_icon = "rotate"
    template_name = "wagtail_salesforce/panel/start_over.html"

    @cached_property
    def connection(self) -> Connection:
        return Connection.load()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse(PANEL), "label": "Salesforce"},
            {"url": "", "label": _("Start over")},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        known = LeadLink.objects.exclude(lead_id="").exclude(org_id=self.connection.org_id)
        return super().get_context_data(**kwargs) | {
            "connection": self.connection,
            "changed": self._org_changed(ReplicationSettings.load()),
            "links": known.exclude(state=LeadLink.State.ERASED).count(),
        }

    def _org_changed(self, settings: ReplicationSettings) -> bool:
        return self.connection.is_authorized and settings.org_id not in ("", self.connection.org_id)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Only for the organization that the page has named."""
        settings = ReplicationSettings.load()
        org_id = self.connection.org_id
        if not self._org_changed(settings) or request.POST.get("org_id") != org_id:
            messages.warning(request, _("Nothing was changed: look at the page again."))
            return redirect("wagtail_salesforce:start_over")
        despite_collisions(partial(self._start_over, settings, org_id))
        messages.success(request, _("Every contact counts as new for this organization."))
        return redirect(PANEL)

    def _start_over(self, settings: ReplicationSettings, org_id: str) -> None:
        with transaction.atomic():
            count = due.start_over(org_id)
            settings.org_id = org_id
            settings.save(update_fields=["org_id", "modified_at"])
            data = {"org_id": org_id, "links": count}
            log(settings, "wagtail_salesforce.start_over", user=self.request.user, data=data)
