"""The progress of what is being done with many contacts."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_salesforce.admin.contacts_access import NAMESPACE
from wagtail_salesforce.admin.contacts_bulk_work import WORKS
from wagtail_salesforce.admin.jobs import may_see
from wagtail_salesforce.jobs.models import Job


class ContactsJobView(WagtailAdminTemplateMixin, TemplateView):
    """The page after a bulk action with many contacts."""

    template_name = "wagtail_salesforce/contacts/job.html"
    header_icon = "user"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.job = get_object_or_404(Job.objects.defer("parameters"), pk=kwargs["pk"])
        if self.job.kind not in WORKS or not may_see(request.user, self.job):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_page_title(self) -> str:
        return str(WORKS[self.job.kind].label)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        own = {"url": reverse(f"{NAMESPACE}:index"), "label": _("Contacts")}
        return [*self.breadcrumbs_items, own, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(job=self.job, **kwargs)
