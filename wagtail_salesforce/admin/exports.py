"""Spreadsheet exports that no visitor can turn into formulas."""

from __future__ import annotations

from typing import Any

from wagtail.admin.views.mixins import SpreadsheetExportMixin


#: A cell that begins with one of these is a formula, or becomes one, in a spreadsheet program.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def without_formula(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet program would calculate it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class SafeExportMixin:
    """For listing views with Wagtail's export: XLSX cells are guarded there, CSV cells here."""

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        """Guard what is written, also where it comes from an object's `__str__`."""
        written = super().preprocess_field_value(field, value, export_format)  # type: ignore[misc]
        guarded = export_format == SpreadsheetExportMixin.FORMAT_CSV and isinstance(written, str)
        return without_formula(written) if guarded else written
