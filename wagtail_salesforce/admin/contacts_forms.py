"""The form of a contact: its own fields, and one form field for each attribute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from wagtail.admin.forms.models import WagtailAdminModelForm

from wagtail_salesforce.admin.contacts_attribute_fields import AttributeFields
from wagtail_salesforce.contacts.countries import (
    country_code,
    country_name,
    state_code,
    state_name,
)
from wagtail_salesforce.contacts.emails import email_key
from wagtail_salesforce.contacts.models import Contact, ContactStatus


@dataclass(frozen=True)
class Section:
    """A part of a contact's form and of its page."""

    id: str
    label: str | Promise
    fields: tuple[str, ...]


SECTIONS = (
    Section(
        "person",
        _lazy("Person"),
        ("first_name", "middle_name", "last_name", "job_title", "birthday", "gender"),
    ),
    Section("reach", _lazy("E-mail and phone"), ("email", "business_phone", "mobile_phone")),
    Section(
        "company",
        _lazy("Company and address"),
        ("company_name", "street", "postal_code", "city", "state", "country"),
    ),
    Section("more", _lazy("More"), ("status", "campaign", "owner", "user", "notes")),
)


class WebsiteUserField(forms.CharField):
    """The name of an account of the site, as there may be too many to choose from in a list."""

    def clean(self, value: Any) -> Any:
        name = super().clean(value)
        if not name:
            return None
        model = get_user_model()
        try:
            return model._default_manager.get_by_natural_key(name)
        except model.DoesNotExist:
            raise ValidationError(
                _("No account of the website has this name. Check it, or leave the field empty."),
                code="unknown",
            ) from None


class ContactForm(AttributeFields, WagtailAdminModelForm):
    """Creates or changes a contact.

    Saves only what the editor changed, compared with what the page showed when it was opened:
    what a form submission brings meanwhile is not undone.
    """

    instance: Contact
    status = forms.ChoiceField(
        label=_lazy("Status"),
        help_text=_lazy("Define statuses under Contacts → Statuses."),
        required=False,
    )
    user = WebsiteUserField(
        label=_lazy("Website user"),
        help_text=_lazy("The name with which the person logs in to the website, if they do."),
        max_length=254,
        required=False,
    )

    class Meta(WagtailAdminModelForm.Meta):
        model = Contact
        fields = [name for section in SECTIONS for name in section.fields]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = editors()
        self.fields["status"].choices = status_choices(self.instance.status)
        self.fields["notes"].widget.attrs["rows"] = 3
        self.initial["user"] = self.instance.user.get_username() if self.instance.user else ""
        self.initial["country"] = country_name(self.instance.country)
        self.initial["state"] = state_name(self.instance.state, self.instance.country)
        for field in self.fields.values():
            field.show_hidden_initial = bool(self.instance.pk)

    @property
    def as_opened(self) -> list[str]:
        """Hidden inputs with the values that the page showed when it was opened."""
        if not self.instance.pk:
            return []
        return [bound.as_hidden(only_initial=True) for bound in self.visible_fields()]

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].strip()
        key = email_key(email)
        if key and self.others_with_address(key).exists():
            raise ValidationError(self.duplicate_message(), code="duplicate")
        return email

    def others_with_address(self, key: str) -> QuerySet[Contact]:
        """The contacts, except this one, that an e-mail address belongs to."""
        return Contact.objects.filter(email_key=key).exclude(pk=self.instance.pk)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._clean_place(cleaned)
        names = ("email", "first_name", "last_name", "company_name")
        if not self.errors and not any(cleaned.get(name) for name in names):
            raise ValidationError(_("Enter at least a name, an e-mail address or a company."))
        return cleaned

    @staticmethod
    def _clean_place(cleaned: dict[str, Any]) -> None:
        """Country and state may be typed by name or code; known ones are kept as their code."""
        country = cleaned.get("country", "").strip()
        state = cleaned.get("state", "").strip()
        cleaned["country"] = country_code(country) or country
        cleaned["state"] = state_code(state, country) or state

    @staticmethod
    def duplicate_message() -> str:
        return _(
            "Another contact already has this e-mail address. Look for that contact in the list "
            "and change it instead, or enter another address."
        )

    def save(self, commit: bool = True) -> Contact:
        if self.instance.pk is None or not commit:
            self.instance.attributes = self.changed_attributes(self.instance.attributes)
            return super().save(commit=commit)
        with transaction.atomic():
            return self._save_changes()

    def _save_changes(self) -> Contact:
        stored = Contact.objects.select_for_update().get(pk=self.instance.pk)
        changed = [name for name in self.changed_data if name in self._meta.fields]
        for name in changed:
            setattr(stored, name, self.cleaned_data[name])
        if self.attributes_changed:
            stored.attributes = self.changed_attributes(stored.attributes)
            changed.append("attributes")
        if changed:
            stored.save(update_fields=changed)
        self.instance = stored
        return stored


def editors() -> QuerySet:
    """The users who may own a contact: those who can open the admin."""
    opens = Permission.objects.filter(
        codename="access_admin", content_type__app_label="wagtailadmin"
    )
    may = Q(is_superuser=True) | Q(groups__permissions__in=opens) | Q(user_permissions__in=opens)
    users = get_user_model()._default_manager
    return users.filter(pk__in=users.filter(may, is_active=True).values("pk"))


def status_choices(current: str) -> list[tuple[str, Any]]:
    """No status, those that are defined, and the one the contact has all the same."""
    names = list(ContactStatus.objects.values_list("name", flat=True))
    own = [current] if current and current not in names else []
    return [("", _("None"))] + [(name, name) for name in [*names, *own]]
