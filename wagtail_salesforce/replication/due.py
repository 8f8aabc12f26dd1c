"""Due marks: who has something to tell Salesforce. Mark generously, check when claiming."""

from __future__ import annotations

from collections.abc import Iterable

from wagtail_salesforce.contacts.changes import Changes


def mark_due(changes: Changes) -> None:
    """Mark the contacts of these changes."""


def bury_links(contact_ids: Iterable[int]) -> None:
    """The contacts are about to go: their links become tombstones."""


def revive_suspended() -> None:
    """Suspended links come back."""


def mark_all() -> None:
    """Mark every contact."""
