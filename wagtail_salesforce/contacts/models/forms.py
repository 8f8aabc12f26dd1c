"""How forms fill contacts, and what became of each submission."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.models.names import name_validator


class FormConnection(models.Model):
    """How the submissions of one form fill contacts.

    `fields` maps a form field's clean name to {"field": contact field}, {"attribute": name} or
    {"split": "full_name"}, which fills first, middle and last name.
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
    consent_field = models.CharField(
        _("consent field"),
        max_length=255,
        blank=True,
        help_text=_("The checkbox by which the visitor consents to being contacted."),
    )
    # The name of the attribute of the type "yes or no" that a given consent sets to yes.
    consent_attribute = models.CharField(_("consent attribute"), max_length=100, blank=True)
    # Conditions against spam, all of which a submission must meet to become a contact:
    # {"honeypot": form field that must be empty, "seconds": minimum fill time, "check": name of
    # a registered check}; every key is optional.
    conditions = models.JSONField(_("conditions against spam"), default=dict, blank=True)
    # When a submission last carried a genuine stamp of the moment the form was shown; renewed at
    # most once a day. From then on the form is known to carry it.
    stamp_seen_at = models.DateTimeField(null=True, editable=False)
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
        from wagtail_salesforce.contacts.connections import other_problems, problems

        found: dict[str, list[str]] = {}
        for problem in problems(self.fields):
            found.setdefault("fields", []).append(problem.message)
        for problem in other_problems(self):
            found.setdefault(problem.path.partition(".")[0], []).append(problem.message)
        if found:
            raise ValidationError(found)


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
    # While it waits: what `capture()` was called with, or, for a form submission, which is read
    # again from its own table, what is evidence of spam (`spam.Evidence`). Null afterwards.
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
