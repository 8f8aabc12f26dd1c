"""Asks whether contacts that have a lead are sent again, and does what is answered."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from wagtail_salesforce.admin.panel_problems import mapping_url
from wagtail_salesforce.admin.permissions import CHANGE_MAPPING, RUN, PermissionRequiredMixin, may
from wagtail_salesforce.admin.resend_access import FROM_MAPPING, may_resend
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.contacts.collisions import despite_collisions
from wagtail_salesforce.replication.again import cost, decided, is_asked, key_now
from wagtail_salesforce.replication.due import resend_replicated
from wagtail_salesforce.replication.models import ReplicationSettings


PANEL = "wagtail_salesforce:panel"
SEND, LEAVE = "send", "leave"


class ResendView(PermissionRequiredMixin, WagtailAdminTemplateMixin, TemplateView):
    """GET says what it costs; POST has `choice` (send or leave) and the `key` the page was made by.

    `?from=mapping` leads back to the mapping in use, otherwise to the panel.
    """

    http_method_names = ["get", "post"]
    permissions = (RUN,)
    page_title = gettext_lazy("Send contacts again")
    header_icon = "rotate"
    template_name = "wagtail_salesforce/resend/resend.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Running alone is not enough: it takes the right to change what is written, too."""
        if not may_resend(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def settings(self) -> ReplicationSettings:
        return ReplicationSettings.load()

    @property
    def back_url(self) -> str:
        mapping = self.settings.mapping
        from_mapping = self.request.GET.get("from") == FROM_MAPPING
        if from_mapping and mapping and may(self.request.user, CHANGE_MAPPING):
            return mapping_url(mapping)
        return reverse(PANEL)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse(PANEL), "label": "Salesforce"},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "settings": self.settings,
            "asked": is_asked(self.settings),
            "cost": cost(self.settings, Connection.load()),
            "key": key_now(self.settings),
            "back_url": self.back_url,
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        """One answer at a time: the settings are locked, so that nobody changes them meanwhile."""
        return despite_collisions(partial(self._answer, request))

    def _answer(self, request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            ReplicationSettings.objects.select_for_update().filter(pk=self.settings.pk).first()
            del self.__dict__["settings"]
            if refusal := self._refusal():
                messages.warning(request, refusal)
                return redirect(request.get_full_path())
            if request.POST["choice"] == SEND:
                self._send()
            else:
                self._leave()
        return redirect(self.back_url)

    def _refusal(self) -> str:
        if self.request.POST.get("choice") not in (SEND, LEAVE):
            return _("Choose whether the contacts are sent again.")
        if self.settings.mapping is None:
            return _("Nothing was done: no mapping is chosen. Choose one under Replication first.")
        if self.request.POST.get("key") != key_now(self.settings):
            return _(
                "The mapping or the settings were changed meanwhile, so nothing was done. Look at "
                "the numbers again, then choose."
            )
        if not self.settings.keep_leads_updated:
            return _("Nothing was done: the settings say that leads are not kept updated.")
        return ""

    def _send(self) -> None:
        count = resend_replicated()
        decided(self.settings)
        self._log("resend", contacts=count)
        text = ngettext(
            "%(shown)s contact goes again with the next run, if its lead would change.",
            "%(shown)s contacts go again with the next run, as far as their leads would change.",
            count,
        )
        messages.success(self.request, text % {"shown": intcomma(count)})

    def _leave(self) -> None:
        decided(self.settings)
        self._log("leave_leads")
        text = _("The leads stay as they are. Each is written anew once its contact changes.")
        messages.success(self.request, text)

    def _log(self, action: str, **data: int) -> None:
        log(self.settings, f"wagtail_salesforce.{action}", user=self.request.user, data=data)
