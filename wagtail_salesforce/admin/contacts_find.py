"""Naming one contact in a form: by e-mail address or number, for those who may see contacts.

Wagtail's choosers check no permission when they list, so none is used for people.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.generic import View

from wagtail_salesforce.admin.contacts_access import NAMESPACE, may_see_contacts
from wagtail_salesforce.admin.contacts_query import search
from wagtail_salesforce.admin.numbers import id_or_none
from wagtail_salesforce.contacts.emails import email_key
from wagtail_salesforce.contacts.models import Contact


SUGGESTED = 10


def reference(contact: Contact) -> str:
    """How a form names a contact: the e-mail address, or `#` and the number without one."""
    return contact.email or f"#{contact.pk}"


class ContactSuggestions(View):
    """The first contacts that match `q`, as JSON for the suggestions below a contact field."""

    http_method_names = ["get"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_see_contacts(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> JsonResponse:
        text = request.GET.get("q", "").replace("\0", "").strip()
        found = search(Contact.objects.all(), text)[:SUGGESTED] if len(text) > 1 else []
        rows = [{"value": reference(contact), "label": _label(contact)} for contact in found]
        return JsonResponse({"contacts": rows})


def _label(contact: Contact) -> str:
    parts = (contact.full_name, contact.company_name)
    return ", ".join(part for part in parts if part)


class ContactReferenceField(forms.CharField):
    """A text field that gives a Contact; the page's script adds suggestions."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {
            "data-controller": "ws-contact-suggestions",
            "data-action": "input->ws-contact-suggestions#suggest",
            "data-ws-contact-suggestions-url-value": reverse_lazy(f"{NAMESPACE}:suggestions"),
            "autocomplete": "off",
        }

    def clean(self, value: Any) -> Contact | None:
        text = super().clean(value)
        return find(text) if text else None


def find(text: str) -> Contact:
    """The contact of this e-mail address or `#number`; ValidationError without one."""
    named_by_number = text.startswith("#") and text[1:].isdecimal()
    wanted = Q(pk=id_or_none(text[1:]) or 0) if named_by_number else Q(email_key=email_key(text))
    contact = Contact.objects.filter(wanted).first()
    if contact is None:
        raise ValidationError(
            _("No contact has this e-mail address or number. Check it, or add the contact first."),
            code="unknown",
        )
    return contact
