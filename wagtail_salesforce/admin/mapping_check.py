"""What is wrong with the mapping on the page, while it is being edited and before it is saved."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views import View

from wagtail_salesforce.admin.mapping_describe import lead_fields
from wagtail_salesforce.admin.mapping_form import general_errors, sent_rows
from wagtail_salesforce.admin.mapping_rows import Row, RowBuilder, entries
from wagtail_salesforce.admin.permissions import (
    ADD_MAPPING,
    CHANGE_MAPPING,
    PermissionRequiredMixin,
)
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.mapping.problem import MappingProblem
from wagtail_salesforce.mapping.validate import EXTERNAL_ID_CODES, problems
from wagtail_salesforce.salesforce.describe import ObjectDescribe


TEMPLATES = "wagtail_salesforce/mapping/"


class MappingCheckView(PermissionRequiredMixin, View):
    """Takes the editor's form, answers what is to be said of its rows by the rules of saving.

    {"rows": {Lead field: {"severity": "error" | "warning" | "note", "html": …, "text": …}},
     "identifier": {the same, or empty}, "general": html}; rows that are not named are all right.
    It asks Salesforce nothing: the fields are those that the page was made of. Where it cannot
    answer, {"error": sentence} with the status 409.
    """

    http_method_names = ["post"]
    permissions = (ADD_MAPPING, CHANGE_MAPPING)

    def post(self, request: HttpRequest) -> JsonResponse:
        fields = lead_fields(submitted=True)
        if fields.describe is None:
            return JsonResponse({"error": fields.trouble}, status=409)
        try:
            return JsonResponse(self._check(fields.describe))
        except ValueError:
            unknown = _("A row has a source that is not known here.")
            return JsonResponse({"error": unknown}, status=409)

    def _check(self, describe: ObjectDescribe) -> dict[str, Any]:
        attributes = list(Attribute.objects.all())
        chosen = sent_rows(self.request.POST)
        identifier = self.request.POST.get("external_id_field", "")
        mapping = Mapping(fields=entries(chosen), external_id_field=identifier)
        types = {each.name: FieldType(each.type) for each in attributes}
        found = problems(mapping, describe, types)
        rows = RowBuilder(describe, attributes, found).troubled(chosen)
        general = {"messages": general_errors(found)}
        return {
            "rows": {row.name: _of_row(row) for row in rows},
            "identifier": _of_identifier(found, bool(identifier or describe.external_id_fields())),
            "general": render_to_string(f"{TEMPLATES}general.html", general).strip(),
        }


def _of_row(row: Row) -> dict[str, str]:
    return {"severity": row.severity, **_as_read(row.problems)}


def _of_identifier(found: list[MappingProblem], may_be_chosen: bool) -> dict[str, str]:
    """Nothing while there is none to choose: the page says how to make one."""
    told = tuple(each for each in found if each.code in EXTERNAL_ID_CODES) if may_be_chosen else ()
    return {"severity": "error" if told else "", **_as_read(told)}


def _as_read(told: tuple[MappingProblem, ...]) -> dict[str, str]:
    html = render_to_string(f"{TEMPLATES}problems.html", {"problems": told}).strip()
    return {"html": html, "text": " ".join(each.message for each in told)}
