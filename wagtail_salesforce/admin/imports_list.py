"""Contacts → Import: uploading a file, and the earlier imports."""

from __future__ import annotations

import csv
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin.paginator import WagtailPaginator

from wagtail_salesforce.admin.imports_access import PERMISSIONS, ImportPage, url
from wagtail_salesforce.admin.permissions import PermissionRequiredMixin
from wagtail_salesforce.contacts.importing.columns import field_labels
from wagtail_salesforce.contacts.importing.files import KEPT, MOST_BYTES, store, too_large
from wagtail_salesforce.contacts.importing.problems import FileProblem
from wagtail_salesforce.contacts.models import ContactImport


PER_PAGE = 20
SAMPLE = {
    "email": "ada@example.org",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "company_name": "Analytical Engines",
    "business_phone": "020 7946 0000",
    "city": "London",
    "country": "United Kingdom",
    "birthday": "10/12/1985",
}


class UploadForm(forms.Form):
    """The file to import."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        allow_empty_file=True,  # an empty one gets our own words
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(in_words(too_large()))
        return file


def in_words(problem: FileProblem) -> str:
    """What is wrong with the file and what to do next."""
    return f"{problem.message} {problem.cure}"


class ImportsView(ImportPage):
    """What an import is, the upload, and the earlier imports."""

    template_name = "wagtail_salesforce/imports/list.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                stored = store(file.name, file.chunks(), request.user)
            except FileProblem as problem:
                form.add_error("file", in_words(problem))
            else:
                return redirect(url("columns", stored.pk))
        return self.render_to_response(self.get_context_data(form=form))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        imports = ContactImport.objects.select_related("job", "uploaded_by")
        paginator = WagtailPaginator(imports, PER_PAGE)
        page = paginator.get_page(self.request.GET.get("p"))
        kwargs.setdefault("form", UploadForm())
        return super().get_context_data(
            imports=page.object_list,
            page_obj=page,
            elided_page_range=paginator.get_elided_page_range(page.number),
            most=filesizeformat(MOST_BYTES),
            days=KEPT.days,
            sample_url=url("sample"),
            **kwargs,
        )


class SampleView(PermissionRequiredMixin, View):
    """A small file to begin with."""

    permissions = PERMISSIONS
    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{_("contacts")}.csv"'
        labels = field_labels()
        csv.writer(response).writerows([[labels[name] for name in SAMPLE], SAMPLE.values()])
        return response
