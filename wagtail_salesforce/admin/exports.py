"""Spreadsheet exports that no visitor can turn into formulas."""

from __future__ import annotations

from typing import Any

from wagtail.admin.views.mixins import SpreadsheetExportMixin

from wagtail_salesforce.contacts.spreadsheets import without_formula


class SafeExportMixin:
    """For listing views with Wagtail's export: XLSX cells are guarded there, CSV cells here."""

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        """Guard what is written, also where it comes from an object's `__str__`."""
        written = super().preprocess_field_value(field, value, export_format)  # type: ignore[misc]
        guarded = export_format == SpreadsheetExportMixin.FORMAT_CSV and isinstance(written, str)
        return without_formula(written) if guarded else written
