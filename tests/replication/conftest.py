"""Fixtures of the replicator's tests."""

from __future__ import annotations

import pytest

from wagtail_salesforce.replication import bulk_run


@pytest.fixture
def naps(settings, monkeypatch):
    """Bulk above five contacts, and nobody sleeps; the seconds that would have been slept."""
    settings.WAGTAIL_SALESFORCE = {**settings.WAGTAIL_SALESFORCE, "BULK_THRESHOLD": 5}
    seconds: list[float] = []
    monkeypatch.setattr(bulk_run, "sleep", seconds.append)
    return seconds
