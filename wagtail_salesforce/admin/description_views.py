"""The check and preview of the lead description as it is typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from wagtail_salesforce.admin.contacts_access import may_see_contacts
from wagtail_salesforce.admin.contacts_find import ContactReferenceField, find
from wagtail_salesforce.admin.description_preview import preview_of
from wagtail_salesforce.admin.numbers import id_or_none
from wagtail_salesforce.admin.permissions import CHANGE_SETTINGS, PermissionRequiredMixin
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.mapping.description import check_description
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.preflight import attribute_types


#: A form has no use for longer templates, and the check must stay quick.
LONGEST = 100_000


class DescriptionContactForm(forms.Form):
    """Names the contact to try the template on. A part of the settings' form, never stored."""

    prefix = "description"

    contact = ContactReferenceField(
        label=gettext_lazy("Try it with a contact"),
        help_text=gettext_lazy("E-mail address, or # and the number. Empty: the newest contact."),
        required=False,
    )


def contact_form(user: Any) -> DescriptionContactForm | None:
    """The form for those who may see contacts, None for others."""
    return DescriptionContactForm() if may_see_contacts(user) else None


class DescriptionPreviewView(PermissionRequiredMixin, View):
    """Takes the settings' form and answers with a part of the page; without a script, a page.

    Who may see no contacts gets the check alone, whatever contact is asked for.
    """

    http_method_names = ["post"]
    permissions = (CHANGE_SETTINGS,)
    part = "wagtail_salesforce/panel/description_result.html"
    whole = "wagtail_salesforce/panel/description_page.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        scripted = request.headers.get("X-Requested-With") == "XMLHttpRequest"
        return render(request, self.part if scripted else self.whole, self._context())

    def _context(self) -> dict[str, Any]:
        source = self.request.POST.get("lead_description", "")
        if len(source) > LONGEST:
            return {"problems": [_("The template is too long. Write at most 100,000 characters.")]}
        types = attribute_types()
        if problems := check_description(source, types):
            return {"problems": [problem.message for problem in problems]}
        if not may_see_contacts(self.request.user):
            return {"works": True}
        try:
            contact = _contact(self.request.POST.get("description-contact", ""))
        except ValidationError as error:
            return {"works": True, "contact_errors": error.messages}
        if contact is None:
            return {"works": True, "contact_errors": [_("There is no contact yet to try it with.")]}
        mapping = _mapping(self.request.POST.get("mapping", ""))
        preview = preview_of(source, contact, types, mapping)
        words = preview.failure.words(may_see=True) if preview.failure else ""
        return {"works": not words, "preview": preview, "mapping": mapping, "failure": words}


def _contact(text: str) -> Contact | None:
    text = text.replace("\0", "").strip()
    return find(text) if text else Contact.objects.first()


def _mapping(text: str) -> Mapping | None:
    return Mapping.objects.filter(pk=id_or_none(text) or 0).first()
