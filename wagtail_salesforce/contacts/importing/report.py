"""The refused rows of an import as a CSV file, with the line, the reason and the cells."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.importing.files import layout_for
from wagtail_salesforce.contacts.importing.options import Options
from wagtail_salesforce.contacts.importing.problems import FileProblem
from wagtail_salesforce.contacts.models import ContactImport, ImportRefusal
from wagtail_salesforce.contacts.spreadsheets import without_formula


CHUNK = 1_000


def report(contact_import: ContactImport, *, notes: bool = False) -> Iterator[str]:
    """The lines of the report, one by one, so that any number needs the same memory.

    Once the rows are mended, the file can be imported as it is: Line and Reason are left out.
    """
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(
        _guarded([_("Line"), _("Reason"), *_header(contact_import, notes)])
    )
    rows = ImportRefusal.objects.filter(contact_import=contact_import, is_note=notes)
    for row in rows.order_by("pk").iterator(chunk_size=CHUNK):
        yield writer.writerow(_guarded([str(row.line), row.reason, *row.cells]))


def _header(contact_import: ContactImport, notes: bool) -> list[str]:
    if notes:
        return []
    try:
        return layout_for(contact_import, Options.of_json(contact_import.options)).header
    except FileProblem:
        return []


def _guarded(cells: list[str]) -> list[str]:
    return [without_formula(cell) for cell in cells]


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text
