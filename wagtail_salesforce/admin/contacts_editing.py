"""Adding, changing and deleting a contact."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, QuerySet, RestrictedError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.admin.views.generic import history

from wagtail_salesforce.admin.contacts_access import SEEING, contact_url, may_see_contacts
from wagtail_salesforce.admin.contacts_forms import SECTIONS, ContactForm
from wagtail_salesforce.admin.contacts_meanwhile import (
    changed_meanwhile,
    data_to_look_at,
    entered_words,
    in_conflict,
    tell,
)
from wagtail_salesforce.admin.contacts_protected import protected_message
from wagtail_salesforce.contacts.models import Contact


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
    """An existing contact. To erase it, its own page asks."""

    can_delete = False
    others_changed = False

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """What is compared and what is saved is one and the same: the contact is held."""
        with transaction.atomic():
            return super().post(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Contact]:
        contacts = Contact.objects.all()
        return contacts.select_for_update() if self.request.method == "POST" else contacts

    def is_valid(self, form: ContactForm) -> bool:
        meanwhile = changed_meanwhile(form)
        self.conflicts = in_conflict(form, meanwhile) if meanwhile else set()
        self.others_changed = bool(meanwhile)
        return super().is_valid(form) and not self.conflicts

    def form_invalid(self, form: ContactForm) -> HttpResponseBase:
        """Where both changed the same, the page shows what is stored now."""
        if self.conflicts:
            entered = entered_words(form, self.conflicts)
            shown = data_to_look_at(form, self.conflicts)
            form = self.get_form_class()(**{**self.get_form_kwargs(), "data": shown})
            form.full_clean()
            tell(form, entered)
            self.produced_error_message = self.get_error_message()
        return super().form_invalid(form)

    def get_success_message(self) -> str | None:
        if not self.others_changed:
            return super().get_success_message()
        text = gettext(
            "%(message)s Somebody else changed other fields meanwhile; both changes are kept."
        )
        return text % {"message": super().get_success_message()}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """The name leads back to the contact's page."""
        items = super().get_breadcrumbs_items()
        items[-1]["url"] = contact_url(self.object.pk)
        return [*items, {"url": "", "label": gettext("Edit")}]


class ContactHistoryView(history.HistoryView):
    """Who changed the contact when; names it, so it is for those who may see it."""

    any_permission_required = SEEING


class ContactDeleteView(generic.DeleteView):
    """Asks once more, and says what goes and what stays. Deleting a contact is erasing it."""

    permission_required = "erase"
    any_permission_required = SEEING
    page_title = _("Delete contact")

    def form_valid(self, form: Any) -> HttpResponseBase:
        try:
            return super().form_valid(form)
        except (ProtectedError, RestrictedError):
            messages.error(self.request, protected_message(1))
            return redirect(contact_url(self.object.pk))

    @property
    def confirmation_message(self) -> str:
        return gettext(
            "Delete this contact with everything known of the person: fields, activities, points "
            "and membership in companies? This cannot be undone. A lead that already is in "
            "Salesforce stays there."
        )
