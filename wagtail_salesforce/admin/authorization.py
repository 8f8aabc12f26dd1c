"""Coming back from Salesforce, and giving the authorization up."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from wagtail_salesforce.admin.panel_access import PANEL, welcome
from wagtail_salesforce.admin.permissions import AUTHORIZE, PermissionRequiredMixin
from wagtail_salesforce.admin.words import in_words
from wagtail_salesforce.connection import authorize
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.site import site_matches
from wagtail_salesforce.exceptions import ConnectorError


class CallbackView(PermissionRequiredMixin, View):
    """Where Salesforce sends the person back to, with a code or with a refusal."""

    http_method_names = ["get"]
    permissions = (AUTHORIZE,)

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            connection = authorize.finish(request.session, request.GET.dict(), request.user)
        except ConnectorError as error:
            messages.error(request, in_words(error))
            return redirect(PANEL)
        return welcome(request, connection)


class ClearView(PermissionRequiredMixin, WagtailAdminTemplateMixin, TemplateView):
    """Asks first, then gives up the authorization, also at Salesforce."""

    http_method_names = ["get", "post"]
    permissions = (AUTHORIZE,)
    page_title = gettext_lazy("Clear the connection to Salesforce")
    header_icon = "rotate"
    template_name = "wagtail_salesforce/panel/clear.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse(PANEL), "label": "Salesforce"},
            {"url": "", "label": _("Clear")},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        connection = Connection.load()
        found = {"connection": connection, "is_copy": not site_matches(connection)}
        return super().get_context_data(**kwargs) | found

    def post(self, request: HttpRequest) -> HttpResponse:
        connection = Connection.load()
        org_id = connection.org_id
        try:
            cleared = authorize.clear()
        except ConnectorError as error:
            messages.error(request, in_words(error))
            return redirect(PANEL)
        log(connection, "wagtail_salesforce.clear", user=request.user, data={"org_id": org_id})
        is_well = cleared.revoked or cleared.is_copy
        tell = messages.success if is_well else messages.warning
        tell(request, cleared.message)
        return redirect(PANEL)
