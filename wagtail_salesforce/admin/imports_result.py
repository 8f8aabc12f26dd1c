"""What became of an import: progress, counts, refused rows, and deleting the file."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.log_actions import log

from wagtail_salesforce.admin.imports_access import ImportMixin, ImportPage, url
from wagtail_salesforce.contacts.importing.files import KEPT, forget
from wagtail_salesforce.contacts.importing.report import report
from wagtail_salesforce.contacts.importing.work import start_import
from wagtail_salesforce.contacts.models import ContactImport, ImportRefusal


SHOWN = 50
FIGURES = {
    "created": gettext_lazy("New contacts"),
    "updated": gettext_lazy("Updated"),
    "unchanged": gettext_lazy("Unchanged"),
    "refused": gettext_lazy("Refused"),
}


@transaction.atomic
def begin(request: HttpRequest, import_id: int, *, dry_run: bool) -> None:
    """Queue a run, unless one is under way or the file is imported or deleted already."""
    contact_import = ContactImport.objects.select_for_update().get(pk=import_id)
    if contact_import.forgotten_at or contact_import.is_running or contact_import.is_done:
        messages.error(
            request, _("This file is being imported, was imported, or was deleted. Upload it anew.")
        )
        return
    job = start_import(contact_import, dry_run=dry_run, user=request.user)
    if not dry_run:
        data = {"job": job.pk}
        log(contact_import, "wagtail_salesforce.import_contacts", user=request.user, data=data)


class ResultView(ImportMixin, ImportPage):
    """The latest run of an import."""

    template_name = "wagtail_salesforce/imports/result.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.contact_import.job is None and not self.contact_import.forgotten_at:
            return redirect(url("columns", self.contact_import.pk))
        return super().get(request, *args, **kwargs)

    def get_page_subtitle(self) -> str:
        return self.contact_import.name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        this, job = self.contact_import, self.contact_import.job
        counts = job.counts if job else {}
        refused = ImportRefusal.objects.filter(contact_import=this).order_by("pk")
        over = job is not None and job.is_over
        return super().get_context_data(
            contact_import=this,
            job=job,
            over=over,
            figures=[(label, counts.get(name, 0)) for name, label in FIGURES.items()],
            refused=refused.filter(is_note=False)[:SHOWN],
            refused_count=counts.get("refused", 0),
            notes=refused.filter(is_note=True)[:SHOWN],
            notes_count=counts.get("notes", 0),
            may_import=over and this.dry_run and not this.forgotten_at,
            shown=SHOWN,
            days=KEPT.days,
            urls={name: url(name, this.pk) for name in ("columns", "start", "delete", "report")},
            **kwargs,
        )


class StartView(ImportMixin, View):
    """Imports a file that was tried."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        begin(request, self.contact_import.pk, dry_run=False)
        return redirect(url("result", pk))


class DeleteFileView(ImportMixin, View):
    """Deletes the file and the refused rows before their time."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.contact_import.is_running:
            messages.error(request, _("The import is under way. Cancel it first."))
            return redirect(url("result", pk))
        if not self.contact_import.forgotten_at:
            forget(self.contact_import)
            log(self.contact_import, "wagtail_salesforce.forget_import", user=request.user)
        messages.success(request, _("The file and its refused rows were deleted."))
        return redirect(url("index"))


class ReportView(ImportMixin, View):
    """The refused rows, or the notes, as a CSV file."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        notes = "notes" in request.GET
        lines = report(self.contact_import, notes=notes)
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        name = _("notes") if notes else _("refused-rows")
        response["Content-Disposition"] = f'attachment; filename="{name}-{pk}.csv"'
        return response
