"""Contacts → Import."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.base import ViewSet

from wagtail_salesforce.admin.imports_access import NAMESPACE, PERMISSIONS
from wagtail_salesforce.admin.imports_columns import ColumnsView
from wagtail_salesforce.admin.imports_list import ImportsView, SampleView
from wagtail_salesforce.admin.imports_result import (
    DeleteFileView,
    ReportView,
    ResultView,
    StartView,
)
from wagtail_salesforce.admin.menus import PermittedMenuItem


class ImportViewSet(ViewSet):
    """The pages of imports, below salesforce/imports/."""

    url_prefix = "salesforce/imports"
    url_namespace = NAMESPACE
    menu_label = _("Import")
    menu_name = "salesforce-import"
    icon = "upload"

    def get_menu_item(self, order: int | None = None) -> PermittedMenuItem:
        return PermittedMenuItem(
            self.menu_label,
            self.menu_url,
            name=self.menu_name,
            icon_name=self.icon,
            order=order or 999,
            permissions=PERMISSIONS,
        )

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", ImportsView.as_view(), name="index"),
            path("sample/", SampleView.as_view(), name="sample"),
            path("<int:pk>/", ResultView.as_view(), name="result"),
            path("<int:pk>/columns/", ColumnsView.as_view(), name="columns"),
            path("<int:pk>/start/", StartView.as_view(), name="start"),
            path("<int:pk>/delete/", DeleteFileView.as_view(), name="delete"),
            path("<int:pk>/report/", ReportView.as_view(), name="report"),
        ]
