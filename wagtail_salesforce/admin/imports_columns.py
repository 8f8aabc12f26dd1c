"""The second step of an import: how the file is read and what its columns fill."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.admin import messages

from wagtail_salesforce.admin.imports_access import ImportMixin, ImportPage, url
from wagtail_salesforce.admin.imports_forms import ColumnsForm, OptionsForm
from wagtail_salesforce.admin.imports_list import in_words
from wagtail_salesforce.admin.imports_result import begin
from wagtail_salesforce.contacts.importing.files import checked_layout
from wagtail_salesforce.contacts.importing.layout import Layout
from wagtail_salesforce.contacts.importing.options import Options
from wagtail_salesforce.contacts.importing.problems import FileProblem


TRY, IMPORT = "try", "import"


class ColumnsView(ImportMixin, ImportPage):
    """What each column fills; *Try it first* and *Import*."""

    template_name = "wagtail_salesforce/imports/columns.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.has_perms(self.permissions) and self._is_over():
            return redirect(url("result", self.contact_import.pk))
        return super().dispatch(request, *args, **kwargs)

    def _is_over(self) -> bool:
        """Whether there is nothing left to choose."""
        this = self.contact_import
        return bool(this.forgotten_at or this.is_running or this.is_done)

    def get_page_subtitle(self) -> str:
        return self.contact_import.name

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(Options.of_json(self.contact_import.options))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        reading = OptionsForm(request.POST)
        if not reading.is_valid():
            return self.render_to_response(self.get_context_data(form=reading))
        options = reading.options()
        if request.POST.get("action") not in (TRY, IMPORT) or self._reads_anew(options):
            return self._read_anew(options)
        return self._begin(options)

    def _reads_anew(self, options: Options) -> bool:
        """Whether the columns may be others than those on the page."""
        stored = Options.of_json(self.contact_import.options)
        return (stored.encoding, stored.delimiter) != (options.encoding, options.delimiter)

    def _read_anew(self, options: Options) -> HttpResponse:
        self.contact_import.options, self.contact_import.targets = options.as_json(), []
        self.contact_import.save(update_fields=["options", "targets"])
        messages.info(self.request, _("The file was read anew. Check what its columns fill."))
        return redirect(url("columns", self.contact_import.pk))

    def _begin(self, options: Options) -> HttpResponse:
        layout, problem = self._layout(options)
        if layout is None:
            return self._show(options, problem)
        form = ColumnsForm(self.contact_import, layout, self.request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form, layout=layout))
        self.contact_import.options = options.as_json()
        self.contact_import.targets = form.targets()
        self.contact_import.save(update_fields=["options", "targets"])
        begin(self.request, self.contact_import.pk, dry_run=self.request.POST["action"] == TRY)
        return redirect(url("result", self.contact_import.pk))

    def _layout(self, options: Options) -> tuple[Layout | None, str]:
        try:
            return checked_layout(self.contact_import, options), ""
        except FileProblem as problem:
            return None, in_words(problem)

    def _show(self, options: Options, problem: str = "") -> HttpResponse:
        layout, problem = (None, problem) if problem else self._layout(options)
        form: OptionsForm = (
            ColumnsForm(self.contact_import, layout)
            if layout
            else OptionsForm(initial=options.as_json())
        )
        return self.render_to_response(
            self.get_context_data(form=form, layout=layout, problem=problem)
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            contact_import=self.contact_import,
            delete_url=url("delete", self.contact_import.pk),
            **kwargs,
        )
