"""Scores, their rules, and the points that contacts hold."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.generations import ScorePointsQuerySet


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
    # Grows with every change of the rules, so that a recalculation that began before the change
    # does not call the points ready.
    revision = models.PositiveBigIntegerField(default=1, editable=False)
    recalculate_at = models.DateTimeField(null=True, blank=True, editable=False)
    recalculated_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The rows of ScorePoints in force. A recalculation writes those of the newest generation
    # beside them and then switches at once, so that old points serve until all are complete.
    generation = models.PositiveBigIntegerField(default=1, editable=False)
    newest_generation = models.PositiveBigIntegerField(default=1, editable=False)
    # In force before the last switch, until all that it changed has been told and swept away.
    former_generation = models.PositiveBigIntegerField(null=True, editable=False)
    # The rules by which the generation in force was recalculated (`snapshot`). They count, rather
    # than those stored, while a change of the rules waits for its recalculation. Null before the
    # first one, when nothing older is in force.
    rules_in_force = models.JSONField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(auto_now=True)

    # Kept by the recalculation alone: a form that read the score earlier must not put back a
    # status that has changed since.
    KEPT = frozenset(
        {
            "status",
            "revision",
            "recalculate_at",
            "recalculated_at",
            "generation",
            "newest_generation",
            "former_generation",
            "rules_in_force",
        }
    )

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save what editors decide; `KEPT` columns only when `update_fields` names them."""
        if not self._state.adding and not args and kwargs.get("update_fields") is None:
            columns = {field.name for field in self._meta.concrete_fields if not field.primary_key}
            kwargs["update_fields"] = columns - self.KEPT
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Whoever is told needs a limit, and a limit needs somebody who is told."""
        addresses = self.notify_addresses.strip()
        if self.notify_at is None and addresses:
            raise ValidationError({"notify_at": _("Give the points at which to notify.")})
        if self.notify_at is not None and not addresses:
            raise ValidationError({"notify_addresses": _("Give an address to notify.")})

    @property
    def building(self) -> int | None:
        """The generation that a recalculation is writing, or None while there is none."""
        under_way = self.status == self.Status.RECALCULATING
        return self.newest_generation if under_way else None


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
    # Tests of an activity, all of which must hold; {} means every activity of the type:
    # {"pages": [ids of forms or pages, any of them],
    #  "value" | "title" | "campaign" | "time": {"test": name, "value": one or a list}}.
    activity_tests = models.JSONField(default=dict, blank=True)
    per = models.CharField(
        _("points are given"), max_length=10, choices=Per.choices, default="activity"
    )
    recurring = models.BooleanField(_("recurring"), default=True)
    max_points = models.IntegerField(_("maximum points"), null=True, blank=True)
    validity_amount = models.PositiveIntegerField(_("points are valid for"), null=True, blank=True)
    validity_unit = models.CharField(_("unit"), max_length=10, choices=Unit.choices, blank=True)
    valid_until = models.DateTimeField(_("points are valid until"), null=True, blank=True)
    # Attribute rules. `test` is a name of scoring.tests; `value` has one value per line.
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

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Nobody sees the change before the score says that it has to be recalculated."""
        with transaction.atomic():
            super().save(*args, **kwargs)


class ScorePoints(models.Model):
    """The points a contact holds in a score, in one row with the share of every rule.

    One row, so that reading and writing a contact's points costs one statement each however
    many rules there are. No row means that the contact never had any points.

    Rows count only while they are of the score's generation: read them by
    `ScorePoints.objects.in_force()`.
    """

    # The indexes below begin with these columns, so they need none of their own.
    score = models.ForeignKey(Score, on_delete=models.CASCADE, related_name="+", db_index=False)
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="score_points", db_index=False
    )
    # Of the score's generation in force, unless a recalculation says otherwise.
    generation = models.PositiveBigIntegerField()
    points = models.IntegerField()
    # When these points have to be looked at again; null when never.
    expires_at = models.DateTimeField(null=True)
    # {rule id: [points, when they change next (ISO 8601) or null]}; rules without points are absent.
    shares = models.JSONField(default=dict)

    objects = ScorePointsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "score", "generation"], name="ws_score_points_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["score", "generation", "points"], name="ws_score_points_by_points"
            ),
            models.Index(
                fields=["score", "generation", "expires_at"], name="ws_score_points_expiry"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points}"

    def save(self, **kwargs: Any) -> None:
        if self.generation is None:
            self.generation = Score.objects.values_list("generation", flat=True).get(
                pk=self.score_id
            )
        super().save(**kwargs)


class Crossing(models.Model):
    """A contact has reached a score's limit and nobody has been told yet."""

    score = models.ForeignKey(Score, on_delete=models.CASCADE, related_name="+")
    # A bare number: the contact may be gone before the mail goes out.
    contact_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.score_id}: {self.contact_id}"
