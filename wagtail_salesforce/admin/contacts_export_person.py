"""Hands out all that is known of one person, as somebody has a right to be told."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.generic import View
from wagtail.log_actions import log

from wagtail_salesforce.admin.contacts_access import EXPORT, may_see_contacts
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.contacts.person_export import export_person


class ExportPersonView(View):
    """One JSON document to download. Its file name says nothing of the person."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, pk: int) -> JsonResponse:
        if not (may_see_contacts(request.user) and request.user.has_perm(EXPORT)):
            raise PermissionDenied
        contact = get_object_or_404(Contact, pk=pk)
        document = export_person(contact)
        log(contact, "wagtail_salesforce.export_person", user=request.user)
        response = JsonResponse(document, json_dumps_params={"indent": 2, "ensure_ascii": False})
        response["Content-Disposition"] = f'attachment; filename="contact-{pk}.json"'
        response["Cache-Control"] = "no-store"
        return response
