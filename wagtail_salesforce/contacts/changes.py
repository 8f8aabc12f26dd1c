"""Gathers what happens to contacts in one unit of work, then tells the higher rooms once.

A form submission saves a contact, adds an activity and perhaps a company. Each of them would
start its own scoring and due mark; gathered, they cost one pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import transaction

from wagtail_salesforce.signals import contacts_changed


@dataclass
class ContactChange:
    """What happened to one contact: `fields` has "*" when any of them may have changed."""

    created: bool = False
    fields: set[str] = field(default_factory=set)
    activity_types: set[str] = field(default_factory=set)


Changes = dict[int, ContactChange]

_gathered: ContextVar[Changes | None] = ContextVar("gathered_contact_changes", default=None)


def note_change(
    contact_id: int,
    *,
    created: bool = False,
    fields: set[str] | None = None,
    activity_type: str | None = None,
) -> None:
    """Say that a contact was saved or did something; told at once unless gathering."""
    with gather_changes() as changes:
        change = changes.setdefault(contact_id, ContactChange())
        change.created |= created
        change.fields |= fields or set()
        if activity_type:
            change.activity_types.add(activity_type)


@contextmanager
def gather_changes() -> Iterator[Changes]:
    """Gather all changes inside the block and tell them once, in the same transaction.

    Blocks nest; the outermost tells. An exception tells nothing, as the work is undone too.
    """
    outer = _gathered.get()
    if outer is not None:
        yield outer
        return
    changes: Changes = {}
    token = _gathered.set(changes)
    try:
        with transaction.atomic():
            yield changes
            _gathered.reset(token)
            token = None
            if changes:
                contacts_changed.send(sender=ContactChange, changes=changes)
    finally:
        if token is not None:
            _gathered.reset(token)
