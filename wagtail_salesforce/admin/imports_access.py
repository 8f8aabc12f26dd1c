"""Who may import contacts and see what was uploaded for it, and what the pages share."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_salesforce.admin.permissions import PermissionRequiredMixin
from wagtail_salesforce.contacts.importing.work import PERMISSION
from wagtail_salesforce.contacts.models import ContactImport


NAMESPACE = "wagtail_salesforce_imports"
PERMISSIONS = (PERMISSION,)


def url(name: str, *args: Any) -> str:
    """The address of a page of imports."""
    return reverse(f"{NAMESPACE}:{name}", args=args)


class ImportMixin(PermissionRequiredMixin):
    """A view about one import, for those who may import contacts."""

    permissions = PERMISSIONS
    kwargs: dict[str, Any]

    @cached_property
    def contact_import(self) -> ContactImport:
        found = ContactImport.objects.select_related("job", "uploaded_by")
        return get_object_or_404(found, pk=self.kwargs["pk"])


class ImportPage(PermissionRequiredMixin, WagtailAdminTemplateMixin, TemplateView):
    """A page about imports, with the way back to the list."""

    permissions = PERMISSIONS
    page_title = _("Import contacts")
    header_icon = "upload"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = [*super().get_breadcrumbs_items(), {"url": url("index"), "label": self.page_title}]
        if subtitle := self.get_page_subtitle():
            items.append({"url": "", "label": subtitle})
        return items
