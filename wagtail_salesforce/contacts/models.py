"""People the site knows, what they did, and how forms fill them in.

Contacts are personal data: none of these models is a snippet, none has an open chooser.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.changes import gather_changes
from wagtail_salesforce.contacts.companies import note_company_contacts
from wagtail_salesforce.contacts.emails import email_key
from wagtail_salesforce.contacts.fields import FIELD_TYPE_CHOICES


name_validator = RegexValidator(
    r"^[a-z][a-z0-9_]{0,99}\Z",
    _("Use lower-case letters, digits and underscores, beginning with a letter."),
)


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
    company_name = models.CharField(_("company name"), max_length=160, blank=True)
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
    notes = models.TextField(_("notes"), blank=True)
    # Values of attributes in their JSON form, by attribute name.
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
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
            ("replicate_contact", _("Can retry, exclude and replicate contacts")),
        ]
        indexes = [
            models.Index(fields=["last_name", "first_name"], name="ws_contact_name"),
            models.Index(fields=["-last_activity_at"], name="ws_contact_last_activity"),
            models.Index(fields=["created_at"], name="ws_contact_created"),
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
    def full_name(self) -> str:
        parts = (self.first_name, self.middle_name, self.last_name)
        return " ".join(part for part in parts if part)


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


class Company(models.Model):
    """An organization that contacts belong to."""

    name = models.CharField(_("name"), max_length=160, blank=True)
    website = models.URLField(_("website"), max_length=255, blank=True)
    primary_contact = models.ForeignKey(
        Contact,
        verbose_name=_("primary contact"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="primary_of",
    )
    secondary_contact = models.ForeignKey(
        Contact,
        verbose_name=_("secondary contact"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="secondary_of",
    )
    members = models.ManyToManyField(Contact, through="CompanyMembership", related_name="companies")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    modified_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    def save(self, **kwargs: Any) -> None:
        """Save, and note those who were its primary or secondary contact until now as well."""
        former = Company.objects.filter(pk=self.pk) if self.pk else Company.objects.none()
        pairs = list(former.values_list("primary_contact_id", "secondary_contact_id"))
        with gather_changes():
            note_company_contacts([contact_id for pair in pairs for contact_id in pair])
            super().save(**kwargs)


class CompanyMembership(models.Model):
    """A contact belongs to a company, perhaps in a role."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("company membership")
        verbose_name_plural = _("company memberships")
        constraints = [
            models.UniqueConstraint(fields=["company", "contact"], name="ws_membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.company_id}"


class ActivityType(models.Model):
    """A kind of thing a contact does. `form_submission` and `page_visit` are built in."""

    name = models.CharField(_("name"), max_length=100, unique=True, validators=[name_validator])
    label = models.CharField(_("label"), max_length=200)

    class Meta:
        verbose_name = _("activity type")
        verbose_name_plural = _("activity types")
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        if activity_types.is_registered(self.name):
            raise ValidationError({"name": _("This type is built in. Choose another name.")})


class Activity(models.Model):
    """Something a contact did. `type` is the name of an activity type."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="activities")
    type = models.CharField(_("type"), max_length=100)
    title = models.CharField(_("title"), max_length=250, blank=True)
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=4, null=True, blank=True)
    page_id = models.PositiveBigIntegerField(_("page"), null=True, blank=True)
    url = models.CharField(_("address"), max_length=500, blank=True)
    campaign = models.CharField(_("campaign"), max_length=200, blank=True)
    # What was shortened, refused or noteworthy about it; no personal values.
    comment = models.TextField(_("comment"), blank=True)
    occurred_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["-occurred_at", "-id"]
        indexes = [
            models.Index(
                fields=["contact", "type", "occurred_at"], name="ws_activity_contact_type"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.type


class FormConnection(models.Model):
    """How the submissions of one form fill contacts.

    `fields` maps a form field's clean name to {"field": contact field} or {"attribute": name}.
    The page is kept by id without a foreign key, so that no migration depends on Wagtail's
    page model; a page that is gone leaves the connection dangling, which the admin shows.
    """

    name = models.CharField(_("name"), max_length=200, unique=True)
    page_id = models.PositiveBigIntegerField(_("form page"), unique=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    fields = models.JSONField(_("fields"), default=dict, blank=True)
    overwrite = models.BooleanField(
        _("overwrite existing information"),
        default=False,
        help_text=_(
            "When off, a submission only fills what is still empty, so that a stranger who types "
            "somebody's e-mail address cannot rewrite that person."
        ),
    )
    activity_type = models.CharField(
        _("activity type"),
        max_length=100,
        default="form_submission",
        validators=[name_validator],
    )
    value_field = models.CharField(
        _("value field"),
        max_length=255,
        blank=True,
        help_text=_("The form field whose number becomes the value of the activity."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("form connection")
        verbose_name_plural = _("form connections")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs: Any) -> None:
        """Save, and give its activity type a row, so that submissions need not look for one."""
        activity_types.ensure(self.activity_type)
        super().save(**kwargs)

    def clean(self) -> None:
        from wagtail_salesforce.contacts.connections import problems

        found = problems(self.fields)
        if found:
            raise ValidationError({"fields": [problem.message for problem in found]})


class LedgerEntry(models.Model):
    """What became of one form submission, so that none is lost without a trace."""

    class State(models.TextChoices):
        CAPTURED = "captured", _("Captured")
        WAITING = "waiting", _("Waiting to be tried again")
        REFUSED = "refused", _("Refused")

    submission_model = models.CharField(max_length=200)
    submission_id = models.CharField(max_length=64)
    page_id = models.PositiveBigIntegerField(null=True)
    # A plain number without a foreign key: the entry outlives the contact.
    contact_id = models.PositiveBigIntegerField(null=True, db_index=True)
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    # What `capture()` was called with, when the database refused it; null once it is captured.
    # Form submissions are read again from their own table.
    payload = models.JSONField(null=True)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("submission on the ledger")
        verbose_name_plural = _("submissions on the ledger")
        constraints = [
            models.UniqueConstraint(
                fields=["submission_model", "submission_id"], name="ws_ledger_once"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "recorded_at"], name="ws_ledger_state"),
            models.Index(fields=["page_id", "state"], name="ws_ledger_page"),
        ]

    def __str__(self) -> str:
        return f"{self.submission_model} {self.submission_id}"
