"""The rule that deletes contacts who have not been heard of for long."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


#: Whoever was here in the last days is not inactive.
FEWEST_DAYS = 10
MOST_DAYS = 36_500


class InactiveContactRule(models.Model):
    """Which contacts are deleted every day. One row, primary key 1; use `load()`."""

    enabled = models.BooleanField(_("delete inactive contacts"), default=False)
    days = models.PositiveIntegerField(
        _("days without activity"),
        default=365,
        validators=[MinValueValidator(FEWEST_DAYS), MaxValueValidator(MOST_DAYS)],
    )
    only_anonymous = models.BooleanField(
        _("only contacts without an e-mail address"),
        default=True,
        help_text=_("Contacts with an e-mail address or a website account are kept."),
    )
    with_leads = models.BooleanField(
        _("also contacts with a lead"),
        default=False,
        help_text=_(
            "When off, contacts are kept that have a lead in Salesforce or that somebody has "
            "marked as required or excluded. The leads themselves are never deleted."
        ),
    )
    modified_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("rule for inactive contacts")
        verbose_name_plural = _("rules for inactive contacts")
        default_permissions = ()

    def __str__(self) -> str:
        return str(_("Rule for inactive contacts"))

    @classmethod
    def load(cls) -> InactiveContactRule:
        """The one row; as new, and not saved, while nobody has saved it."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
