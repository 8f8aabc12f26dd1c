"""Page views that wait to become activities."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class VisitBuffer(models.Model):
    """A page view as the request wrote it: one narrow row, which lives for about a minute.

    It refers to nothing by foreign key, so that writing it looks nothing up. Who it was is found
    out by `visits_batch`, for many rows at once.
    """

    # The hash of what the visitor's cookie holds, as in `Visitor.key`.
    key = models.CharField(max_length=64, db_index=True)
    # The primary key of the user who was logged in, as text; empty for nobody.
    user_pk = models.CharField(max_length=64, blank=True)
    page_id = models.PositiveBigIntegerField()
    # Without the query string.
    url = models.CharField(max_length=500)
    campaign = models.CharField(max_length=200, blank=True)
    occurred_at = models.DateTimeField()

    class Meta:
        verbose_name = _("waiting page visit")
        verbose_name_plural = _("waiting page visits")

    def __str__(self) -> str:
        return f"#{self.pk}"
