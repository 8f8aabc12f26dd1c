"""Gathers what happens to contacts in one unit of work, then tells the higher rooms once.

A form submission saves a contact, adds an activity and perhaps a company. Each of them would
start its own scoring and due mark; gathered, they cost one pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial

from django.db import transaction

from wagtail_salesforce.contacts.collisions import despite_collisions
from wagtail_salesforce.signals import contacts_changed


@dataclass
class ContactChange:
    """What happened to one contact: `fields` has "*" when any of them may have changed.

    `locked` says that this transaction holds the contact's row already (it wrote it, or chose it
    for update), which saves the higher rooms a statement. `anonymous` says that nothing is known
    of the contact but visits, so that there is nobody to tell Salesforce about.
    """

    created: bool = False
    fields: set[str] = field(default_factory=set)
    activity_types: set[str] = field(default_factory=set)
    locked: bool = False
    anonymous: bool = False


Changes = dict[int, ContactChange]

_gathered: ContextVar[Changes | None] = ContextVar("gathered_contact_changes", default=None)


def note_change(
    contact_id: int,
    *,
    created: bool = False,
    fields: set[str] | None = None,
    activity_type: str | None = None,
    locked: bool = False,
    anonymous: bool = False,
) -> None:
    """Say that a contact was saved or did something; told at once unless gathering."""
    types = {activity_type} if activity_type else set()
    change = ContactChange(created, fields or set(), types, locked, anonymous)
    gathered = _gathered.get()
    if gathered is not None:
        _merge(gathered, {contact_id: change})
        return
    # What was saved before outside of any transaction is saved: that it is told must not fail.
    despite_collisions(partial(_tell, {contact_id: change}))


def _tell(changes: Changes) -> None:
    with gather_changes() as gathered:
        gathered.update(changes)


@contextmanager
def gather_changes() -> Iterator[Changes]:
    """Gather all changes inside the block and tell them once, in the same transaction.

    The block is one unit of work: an exception undoes it and tells nothing. Blocks nest, each
    in a savepoint; the outermost tells. A part that may fail on its own takes a block of its
    own (not a bare `atomic()`), so that what was undone is not told either.
    """
    outer = _gathered.get()
    with transaction.atomic():
        with _gathering() as changes:
            yield changes
        if outer is not None:
            _merge(outer, changes)
        elif changes:
            contacts_changed.send(sender=ContactChange, changes=changes)


@contextmanager
def _gathering() -> Iterator[Changes]:
    changes: Changes = {}
    token = _gathered.set(changes)
    try:
        yield changes
    finally:
        _gathered.reset(token)


def _merge(into: Changes, changes: Changes) -> None:
    for contact_id, change in changes.items():
        known = into.setdefault(contact_id, ContactChange(anonymous=change.anonymous))
        known.anonymous &= change.anonymous
        known.created |= change.created
        known.fields |= change.fields
        known.activity_types |= change.activity_types
        known.locked |= change.locked
