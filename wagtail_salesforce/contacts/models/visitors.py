"""Browsers that the site recognises by a cookie."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.contacts.models.people import Contact


class Visitor(models.Model):
    """A browser that holds our cookie, and the contact who is thought to use it."""

    # The hash of what the cookie holds, so that nobody who reads the table can forge one.
    key = models.CharField(max_length=64, unique=True)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="visitors")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")

    def __str__(self) -> str:
        return f"#{self.pk}"
