"""Runs one unit of work against the database, again when others were in its way."""

from __future__ import annotations

import logging
import random
import time
import traceback
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from django.db import IntegrityError, OperationalError, transaction

from wagtail_salesforce.contacts.changes import gather_changes


T = TypeVar("T")

logger = logging.getLogger(__name__)

# A visitor waits for this: what is not done after these seconds is set aside instead.
PATIENCE_SECONDS = 2.0
MAX_TRIES = 20
# Two visitors who are new with the same e-mail meet once: the second try finds the contact.
MAX_TRIES_AFTER_CONFLICT = 3
LONGEST_PAUSE = 0.25


def in_one_piece(work: Callable[[int], T]) -> T:
    """Do `work(attempt)` in one savepoint or transaction, all of it or nothing.

    Repeated, with `attempt` counting from 0, when the database says that somebody else was
    faster (a unique value, a deadlock, a locked SQLite file). Raises the last error otherwise.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    for attempt in count():
        try:
            with gather_changes():
                return work(attempt)
        except (IntegrityError, OperationalError) as error:
            if not _may_repeat(error, attempt + 1) or time.monotonic() > deadline:
                raise
        time.sleep(random.uniform(0, min(LONGEST_PAUSE, 0.01 * 2**attempt)))  # noqa: S311
    raise AssertionError("count() does not end")


def _may_repeat(error: Exception, tries: int) -> bool:
    if tries >= (MAX_TRIES_AFTER_CONFLICT if isinstance(error, IntegrityError) else MAX_TRIES):
        return False
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        return True
    # Inside the caller's transaction only PostgreSQL has given back all locks: MySQL keeps those
    # of what a savepoint undid, so that repeating leads into a deadlock, which would undo the
    # caller's work as well; SQLite is locked until the transaction ends.
    return connection.vendor == "postgresql" and not connection.needs_rollback


def log_error(what: str, error: BaseException) -> None:
    """One log line with the error's type and place; its message may hold personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown place"
    logger.error("%s: %s at %s.", what, type(error).__name__, place)
