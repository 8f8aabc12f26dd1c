"""The mapping snippet: which source fills which Lead field."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Mapping(models.Model):
    """Which source fills which Lead field, and which Lead field is the external identifier.

    `fields` maps a Lead field's API name to its source:
    {"source": "field"|"attribute"|"custom", "name": …} or {"source": "picklist"|"constant", "value": …}.
    """

    name = models.CharField(_("name"), max_length=200, unique=True)
    object_name = models.CharField(max_length=100, default="Lead", editable=False)
    external_id_field = models.CharField(_("external identifier"), max_length=100, blank=True)
    fields = models.JSONField(_("fields"), default=dict, blank=True)
    # The organization whose fields this mapping was made for.
    org_id = models.CharField(max_length=18, blank=True, editable=False)
    # What mattered of the organization's fields at the last save (see `mapping.known`).
    known_fields = models.JSONField(default=dict, blank=True, editable=False)
    # Grows with every save, so that a running replicator notices.
    revision = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("Salesforce mapping")
        verbose_name_plural = _("Salesforce mappings")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Who saves a mapping has seen the organization's fields as they were read last."""
        from wagtail_salesforce.mapping.known import as_last_read

        self.revision += 1
        self.known_fields = as_last_read(self)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse malformed `fields`; what the organization says of them is for `validate`."""
        # The structure knows the sources, and these know contacts: too much for loading models.
        from wagtail_salesforce.mapping.structure import structure_problems

        if found := structure_problems(self.fields):
            raise ValidationError({"fields": [str(problem) for problem in found]})
