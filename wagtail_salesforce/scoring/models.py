"""Scores, their rules, and the points that contacts hold."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.contacts.models import Contact


POINTS_LIMIT = 100_000


class Score(models.Model):
    """A set of rules that says how promising a contact is."""

    class Status(models.TextChoices):
        READY = "ready", _("Ready")
        RECALCULATION_REQUIRED = "recalculation_required", _("Recalculation required")
        RECALCULATING = "recalculating", _("Recalculating")
        FAILED = "failed", _("Failed")

    name = models.CharField(_("name"), max_length=200, unique=True)
    description = models.TextField(_("description"), blank=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    notify_at = models.IntegerField(_("notify at points"), null=True, blank=True)
    notify_addresses = models.TextField(_("notify addresses"), blank=True)
    status = models.CharField(
        _("status"),
        max_length=30,
        choices=Status.choices,
        default=Status.READY,
        editable=False,
    )
    recalculate_at = models.DateTimeField(null=True, blank=True, editable=False)
    recalculated_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Rule(models.Model):
    """Grants a contact points for activities, a field or attribute, or a condition."""

    class Kind(models.TextChoices):
        ATTRIBUTE = "attribute", _("Attribute")
        ACTIVITY = "activity", _("Activity")
        CONDITION = "condition", _("Condition")

    class Per(models.TextChoices):
        ACTIVITY = "activity", _("for each activity")
        VALUE = "value", _("for each unit of the activity's value")

    class Source(models.TextChoices):
        FIELD = "field", _("Contact field")
        ATTRIBUTE = "attribute", _("Attribute")

    class Unit(models.TextChoices):
        DAYS = "days", _("days")
        WEEKS = "weeks", _("weeks")
        MONTHS = "months", _("months")
        YEARS = "years", _("years")

    score = models.ForeignKey(Score, on_delete=models.CASCADE, related_name="rules")
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    points = models.IntegerField(
        _("points"),
        validators=[MinValueValidator(-POINTS_LIMIT), MaxValueValidator(POINTS_LIMIT)],
    )
    # Activity rules.
    activity_type = models.CharField(_("activity type"), max_length=100, blank=True)
    # Tests of an activity: {"pages": [ids]} means any of these forms or pages; {} means all.
    activity_tests = models.JSONField(default=dict, blank=True)
    per = models.CharField(_("points are given"), max_length=10, choices=Per.choices, default="activity")
    recurring = models.BooleanField(_("recurring"), default=True)
    max_points = models.IntegerField(_("maximum points"), null=True, blank=True)
    validity_amount = models.PositiveIntegerField(_("points are valid for"), null=True, blank=True)
    validity_unit = models.CharField(_("unit"), max_length=10, choices=Unit.choices, blank=True)
    valid_until = models.DateTimeField(_("points are valid until"), null=True, blank=True)
    # Attribute rules.
    source = models.CharField(_("source"), max_length=10, choices=Source.choices, blank=True)
    field = models.CharField(_("field"), max_length=100, blank=True)
    test = models.CharField(_("test"), max_length=30, blank=True)
    value = models.TextField(_("value"), blank=True)
    # Condition rules: {"all"|"any": [{"source", "field", "test", "value"} or nested, ...]}.
    condition = models.JSONField(default=dict, blank=True)
    modified_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["score", "name"], name="ws_rule_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class RulePoints(models.Model):
    """The points one rule gives one contact now."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    points = models.IntegerField()
    # When the first part of these points expires; null when none does.
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "rule"], name="ws_rule_points_once"),
        ]

    def __str__(self) -> str:
        return f"{self.points}"


class ScorePoints(models.Model):
    """The points a contact holds in a score."""

    score = models.ForeignKey(Score, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="score_points")
    points = models.IntegerField()
    # When these points have to be looked at again; null when never.
    expires_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "score"], name="ws_score_points_once"),
        ]
        indexes = [models.Index(fields=["score", "points"], name="ws_score_points_by_points")]

    def __str__(self) -> str:
        return f"{self.points}"
