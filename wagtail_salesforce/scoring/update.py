"""Keeps points up to date as contacts and activities change."""

from __future__ import annotations

from wagtail_salesforce.contacts.changes import Changes


def refresh_points(changes: Changes) -> None:
    """Recompute the points of the rules concerned, for the contacts concerned."""
