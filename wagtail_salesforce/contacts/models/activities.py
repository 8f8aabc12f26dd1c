"""What contacts did."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.models.names import name_validator
from wagtail_salesforce.contacts.models.people import Contact


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
