"""Organizations that contacts belong to."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.contacts.changes import gather_changes
from wagtail_salesforce.contacts.companies import note_company_contacts
from wagtail_salesforce.contacts.models.people import Contact


class Company(models.Model):
    """An organization that contacts belong to."""

    name = models.CharField(_("name"), max_length=160, blank=True, db_index=True)
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
