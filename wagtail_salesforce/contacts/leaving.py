"""Contacts on their way out, whose rows somebody has seen to already.

Whoever deletes a contact through Django lets `erase.see_to` do it for that one; merging and
erasing do it for many at once, and say so here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


_seen_to: ContextVar[frozenset[int]] = ContextVar("contacts_leaving", default=frozenset())


@contextmanager
def already_seen_to(contact_ids: Iterable[int]) -> Iterator[None]:
    """Within it, the deletion of these contacts needs nothing more."""
    token = _seen_to.set(_seen_to.get() | frozenset(contact_ids))
    try:
        yield
    finally:
        _seen_to.reset(token)


def is_seen_to(contact_id: int) -> bool:
    """Whether the rows of this contact are seen to already."""
    return contact_id in _seen_to.get()
