"""Work that other transactions stood in the way of is done again.

Two transactions that wait for each other are a deadlock: the database undoes one of them, whole,
and says so. Nothing is wrong with it, and the second time the other one is through.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any, TypeVar

from django.db import OperationalError, transaction
from django.db.models import QuerySet


T = TypeVar("T")

logger = logging.getLogger(__name__)

MAX_TRIES = 6
#: A wait for a lock that ran into the database's own limit may have taken a minute: after so long
#: nobody is asked to wait for another one.
PATIENCE_SECONDS = 30.0
LONGEST_PAUSE = 1.0

#: Serialization failure, deadlock, lock not available.
POSTGRESQL_STATES = frozenset({"40001", "40P01", "55P03"})
#: Record changed since it was read, lock wait timeout, deadlock.
MYSQL_NUMBERS = frozenset({1020, 1205, 1213})


def despite_collisions(work: Callable[[], T]) -> T:
    """Do `work()`, and again when it collided with another transaction; at most six times.

    `work` is one statement or one transaction. Inside a transaction of the caller's it is done
    once: only whoever began that one can begin it anew. Raises the last error otherwise.
    """
    if transaction.get_connection().in_atomic_block:
        return work()
    deadline = time.monotonic() + PATIENCE_SECONDS
    for tries in count(1):
        try:
            return work()
        except OperationalError as error:
            if not is_collision(error) or tries >= MAX_TRIES or time.monotonic() > deadline:
                raise
        logger.info("The database undid a transaction that collided with another one: once more.")
        _pause(tries)
    raise AssertionError("count() does not end")


def update_rows(rows: QuerySet[Any], **columns: Any) -> int:
    """`rows.update()` despite collisions: of two that meet the same rows in another order, one is
    undone."""
    return despite_collisions(partial(rows.update, **columns))


def is_collision(error: BaseException) -> bool:
    """Whether the database gave way to another transaction, rather than failed."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    if state is not None:
        return state in POSTGRESQL_STATES
    number = error.args[0] if error.args else None
    # SQLite has words only, before Python 3.11.
    return number in MYSQL_NUMBERS or str(error).endswith(" is locked")


def deadlock_undoes_caller() -> bool:
    """Whether a deadlock of ours would undo a transaction that somebody else began.

    MySQL and MariaDB undo all of it, savepoints or not. The transaction in which Django's test
    case wraps a test counts for none, as it does for `durable`.
    """
    connection = transaction.get_connection()
    if connection.vendor != "mysql" or not connection.in_atomic_block:
        return False
    try:
        with transaction.atomic(durable=True):
            return False
    except RuntimeError:
        return True


def is_caller_undone(error: BaseException) -> bool:
    """Whether this error has undone the caller's transaction, so that nobody may go on in it."""
    connection = transaction.get_connection()
    broken = connection.in_atomic_block and connection.needs_rollback
    return broken and isinstance(error, OperationalError) and is_collision(error)


def _pause(tries: int) -> None:
    """So long, by chance, that two who collided do not meet once more."""
    time.sleep(random.uniform(0, min(LONGEST_PAUSE, 0.02 * 2**tries)))  # noqa: S311
