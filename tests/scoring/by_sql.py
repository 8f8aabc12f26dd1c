"""The points that PostgreSQL computes beside those that Python does."""

from __future__ import annotations

from unittest import mock

import pytest
from django.db import connection

from tests.scoring.builders import moment
from wagtail_salesforce.scoring import building
from wagtail_salesforce.scoring.held import Held
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.recalculate import recalculate


needs_postgres = pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="PostgreSQL computes; other databases let Python do it",
)

TYPES = {
    "size": "integer",
    "share": "decimal",
    "ratio": "float",
    "vip": "boolean",
    "since": "date",
    "seen": "datetime",
    "motto": "text",
    "grade": "choice",
}
NOW = moment("2026-03-20T10:30:15")


def both_ways(score):
    """The rows of all contacts as PostgreSQL computes them, and as Python does."""
    found = []
    for fits in (building.fits, lambda rules: False):
        ScorePoints.objects.all().delete()
        with mock.patch.object(building, "fits", fits):
            recalculate(score)
        assert score.status == Score.Status.READY
        rows = ScorePoints.objects.values_list("contact_id", "points", "expires_at", "shares")
        found.append({pk: Held.from_row(*rest) for pk, *rest in rows})
    return found


def same(score):
    ours, theirs = both_ways(score)
    assert ours == theirs
    return ours
