"""Settings → Integration → Salesforce."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from wagtail_salesforce.admin.forms_replication import ReplicationForm
from wagtail_salesforce.admin.panel_access import AccessSection
from wagtail_salesforce.admin.panel_problems import mapping_url
from wagtail_salesforce.admin.panel_rights import Rights, rights_of
from wagtail_salesforce.admin.panel_top import top_context
from wagtail_salesforce.admin.permissions import PANEL, PermissionRequiredMixin
from wagtail_salesforce.admin.resend_access import question_after_saving
from wagtail_salesforce.admin.settings_section import settings_context
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.replication.models import ReplicationSettings


SCRIPT = forms.Media(js=["wagtail_salesforce/panel.js"])


class PanelView(PermissionRequiredMixin, WagtailAdminTemplateMixin, TemplateView):
    """The panel. It answers GET, and POST of one of its two forms: "access" or "settings"."""

    http_method_names = ["get", "post"]
    permissions = PANEL
    page_title = "Salesforce"
    header_icon = "rotate"
    template_name = "wagtail_salesforce/panel/panel.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    @cached_property
    def connection(self) -> Connection:
        return Connection.load()

    @cached_property
    def settings(self) -> ReplicationSettings:
        return ReplicationSettings.load()

    @cached_property
    def rights(self) -> Rights:
        """What this person may do here, by the names the template uses."""
        return rights_of(self.request.user)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Each form asks for its own permission."""
        name = request.POST.get("form")
        if name == "access" and self.rights["authorize"]:
            return self._post_access()
        if name == "settings" and self.rights["settings"]:
            return self._post_settings()
        raise PermissionDenied

    def _post_access(self) -> HttpResponse:
        section = AccessSection(self.request, self.connection, bound=True)
        return section.save() or self._again(access=section)

    def _post_settings(self) -> HttpResponse:
        user = self.request.user
        form = ReplicationForm(self.request.POST, instance=self.settings, user=user)
        # One transaction, so that what is compared with the page is what is overwritten.
        with transaction.atomic():
            if form.is_valid():
                log(form.save(), "wagtail_salesforce.change_settings", user=user)
        if form.errors:
            return self._again(settings_form=form)
        messages.success(self.request, _("The replication settings are saved."))
        return redirect(question_after_saving(self.request) or "wagtail_salesforce:panel")

    def _again(self, **context: Any) -> HttpResponse:
        """Show a form that was refused, with what was typed."""
        access = context.get("access")
        form = access.form if access else context["settings_form"]
        failed = form.non_field_errors()
        text = failed[0] if failed else _("Nothing was saved: please correct the fields marked.")
        messages.error(self.request, text)
        # A refused form has changed the instances in memory; the rest of the page shows the truth.
        del self.__dict__["connection" if access else "settings"]
        return self.render_to_response(self.get_context_data(**context))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.setdefault("access", AccessSection(self.request, self.connection))
        context.setdefault("settings_form", self._settings_form())
        top = top_context(self.request, self.connection, self.settings, self.rights)
        return {
            **context,
            **top,
            **settings_context(self.request.user, context["settings_form"]),
            "new_mapping_url": mapping_url(),
            "mapping_url": mapping_url(self.settings.mapping) if self.settings.mapping else "",
            "media": context["settings_form"].media + SCRIPT,
        }

    def _settings_form(self) -> ReplicationForm:
        form = ReplicationForm(instance=self.settings)
        if not self.rights["settings"]:
            for field in form.fields.values():
                field.disabled = True
        return form
