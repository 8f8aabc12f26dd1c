"""People the site knows, and the typed extra fields that editors give them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.contacts.emails import email_key
from wagtail_salesforce.contacts.fields import FIELD_TYPE_CHOICES
from wagtail_salesforce.contacts.models.names import name_validator


class Contact(models.Model):
    """A person the site knows. Never to be confused with Salesforce's Contact object."""

    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    # The e-mail in the form that decides who is who; unique and null when there is none,
    # so that "exactly one contact per e-mail" holds on every database.
    email_key = models.CharField(  # noqa: DJ001
        max_length=254, unique=True, null=True, editable=False
    )
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    middle_name = models.CharField(_("middle name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    job_title = models.CharField(_("job title"), max_length=100, blank=True)
    # An index of the column itself also finds beginnings on PostgreSQL, in every collation.
    company_name = models.CharField(_("company name"), max_length=160, blank=True, db_index=True)
    business_phone = models.CharField(_("business phone"), max_length=40, blank=True)
    mobile_phone = models.CharField(_("mobile phone"), max_length=40, blank=True)
    street = models.CharField(_("street"), max_length=100, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    postal_code = models.CharField(_("postcode"), max_length=100, blank=True)
    # ISO 3166 codes where the value is known to the standard, the visitor's words otherwise.
    state = models.CharField(_("state or region"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=100, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    gender = models.CharField(_("gender"), max_length=20, blank=True)
    campaign = models.CharField(_("campaign"), max_length=200, blank=True)
    # The name of a `ContactStatus`; empty for none.
    status = models.CharField(_("status"), max_length=100, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    # Values of attributes in their JSON form, by attribute name.
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    # The account with which the person logs in to the website, where it is known.
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("website user"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    modified_at = models.DateTimeField(_("changed"), auto_now=True)
    last_activity_at = models.DateTimeField(_("last activity"), null=True, editable=False)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-id"]
        permissions = [
            ("export_contact", _("Can export contacts")),
            ("erase_contact", _("Can erase contacts")),
            ("merge_contact", _("Can merge contacts")),
            ("import_contact", _("Can import contacts")),
            ("replicate_contact", _("Can retry, exclude and replicate contacts")),
        ]
        indexes = [
            models.Index(fields=["last_name", "first_name"], name="ws_contact_name"),
            models.Index(fields=["-last_activity_at"], name="ws_contact_last_activity"),
            models.Index(fields=["created_at"], name="ws_contact_created"),
            models.Index(fields=["status"], name="ws_contact_status"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email or f"#{self.pk}"

    def save(self, **kwargs: Any) -> None:
        self.email_key = email_key(self.email)
        update_fields = kwargs.get("update_fields")
        if update_fields is not None:
            kwargs["update_fields"] = {*update_fields, "modified_at"} | (
                {"email_key"} if "email" in update_fields else set()
            )
        super().save(**kwargs)

    def clean(self) -> None:
        same = Contact.objects.filter(email_key=email_key(self.email)).exclude(pk=self.pk)
        if email_key(self.email) and same.exists():
            raise ValidationError({"email": _("Another contact already has this e-mail address.")})

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody knows who it is: a visitor with no e-mail address and no name."""
        return not (self.email or self.first_name or self.last_name)

    @property
    def full_name(self) -> str:
        parts = (self.first_name, self.middle_name, self.last_name)
        return " ".join(part for part in parts if part)


class ContactStatus(models.Model):
    """A stage of the relationship with a contact, such as "Prospect"; editors define them."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    class Meta:
        verbose_name = _("contact status")
        verbose_name_plural = _("contact statuses")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Attribute(models.Model):
    """An editor-defined, typed extra field of a contact."""

    name = models.CharField(
        _("name"),
        max_length=100,
        unique=True,
        validators=[name_validator],
        help_text=_("How forms, mappings and code refer to it. It cannot be changed later."),
    )
    label = models.CharField(_("label"), max_length=200)
    type = models.CharField(_("type"), max_length=20, choices=FIELD_TYPE_CHOICES, default="text")
    help_text = models.CharField(_("help text"), max_length=400, blank=True)
    choices = models.TextField(
        _("choices"),
        blank=True,
        help_text=_("One choice on each line. Only for attributes of the type choice."),
    )

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        if hasattr(Contact, self.name or " "):
            raise ValidationError(
                {"name": _("Contacts have a field of this name. Choose another.")}
            )
        former = Attribute.objects.filter(pk=self.pk).first() if self.pk else None
        if former and (former.name, former.type) != (self.name, self.type) and former.has_values():
            raise ValidationError(
                _(
                    "Contacts already hold values of this attribute, so its name and type cannot "
                    "change. Add another attribute instead."
                )
            )

    def has_values(self) -> bool:
        """Whether any contact holds a value of this attribute. Reads the contacts."""
        return Contact.objects.filter(attributes__has_key=self.name).exists()
