"""Adding, changing and deleting a contact."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views import generic

from wagtail_salesforce.admin.contacts_access import contact_url, may_see_contacts
from wagtail_salesforce.admin.contacts_forms import SECTIONS, ContactForm


class ContactFormMixin:
    """What adding and changing share: the sections, the race for an address, the way back."""

    form_class = ContactForm
    template_name = "wagtail_salesforce/contacts/form.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)  # type: ignore[misc]
        form = context["form"]
        context["sections"] = [
            {"id": part.id, "label": part.label, "fields": [form[name] for name in part.fields]}
            for part in SECTIONS
        ]
        return context

    def form_valid(self, form: ContactForm) -> HttpResponseBase:
        """Somebody else may take the address between the check and the save."""
        try:
            with transaction.atomic():
                return super().form_valid(form)  # type: ignore[misc]
        except IntegrityError:
            form.add_error("email", form.duplicate_message())
            self.produced_error_message = self.get_error_message()  # type: ignore[attr-defined]
            return self.form_invalid(form)  # type: ignore[attr-defined]

    def get_success_url(self) -> str:
        if may_see_contacts(self.request.user):  # type: ignore[attr-defined]
            return contact_url(self.object.pk)  # type: ignore[attr-defined]
        return reverse("wagtailadmin_home")

    def get_success_buttons(self) -> list[Any]:
        return []


class ContactAddView(ContactFormMixin, generic.CreateView):
    """A new contact, entered by hand."""


class ContactEditView(ContactFormMixin, generic.EditView):
    """An existing contact."""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """The name leads back to the contact's page."""
        items = super().get_breadcrumbs_items()
        items[-1]["url"] = contact_url(self.object.pk)
        return [*items, {"url": "", "label": gettext("Edit")}]


class ContactDeleteView(generic.DeleteView):
    """Asks once more, and says what goes and what stays."""

    page_title = _("Delete contact")

    def get_success_url(self) -> str:
        if may_see_contacts(self.request.user):
            return super().get_success_url()
        return reverse("wagtailadmin_home")

    @property
    def confirmation_message(self) -> str:
        return gettext(
            "Delete this contact with everything known of the person: fields, activities, points "
            "and membership in companies? This cannot be undone. A lead that already is in "
            "Salesforce stays there."
        )
