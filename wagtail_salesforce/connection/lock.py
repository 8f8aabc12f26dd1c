"""One at a time: whoever changes the tokens holds this lock, in all threads and processes.

Salesforce kills the whole authorization when a rotated refresh token is used twice (Metadata
API guide, ConnectedApp, isRefreshTokenRotationEnabled), so that two refreshes may never overlap.

PostgreSQL, MySQL and MariaDB lock the connection's row while the token request is under way.
SQLite has only one lock for the whole database, and a visitor's form must not wait for
Salesforce; there, all processes are on one machine, so a lock file beside the database serves.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from django.core.files import locks
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, router, transaction
from django.utils.translation import gettext

from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.exceptions import NotAuthorized, Transient


logger = logging.getLogger("wagtail_salesforce")

T = TypeVar("T")

#: Seconds to wait for the lock: longer than one token request may take.
LONGEST_WAIT = 60.0

#: The same within a transaction, which may hold what the other one waits for.
SHORT_WAIT = 10.0
PAUSE = 0.1

_in_this_process = threading.Lock()


def with_locked_connection(do: Callable[[Connection], T]) -> T:
    """Run `do` with the connection as stored, while nobody else may change its tokens.

    Raises Transient when the lock does not become free.
    """
    Connection.load()
    return _locked(do)


def with_locked_connection_committed(do: Callable[[Connection], T]) -> T:
    """The same; and what `do` saves is committed when this returns.

    Within a transaction of the caller, which may be rolled back later, it happens on a database
    connection of its own; SQLite permits no second one to write meanwhile, so that Transient is
    raised there. Raises NotAuthorized when nothing is connected.
    """
    if not _in_transaction():
        return _leaving_database_as_found(lambda: _locked(do))
    if connections[_alias()].vendor == "sqlite":
        raise _in_the_middle()
    with ThreadPoolExecutor(max_workers=1) as thread:
        work = thread.submit(_leaving_database_as_found, lambda: _locked(do, SHORT_WAIT))
        return work.result()


def _locked(do: Callable[[Connection], T], longest: float = LONGEST_WAIT) -> T:
    if connections[_alias()].in_atomic_block:
        longest = SHORT_WAIT
    if connections[_alias()].vendor == "sqlite":
        with _file_lock(longest):
            return do(_stored())
    return _with_row_lock(do, longest)


def _stored() -> Connection:
    row = Connection.objects.using(_alias()).filter(pk=1).first()
    if row is None:
        raise NotAuthorized
    return row


def _with_row_lock(do: Callable[[Connection], T], longest: float) -> T:
    for _waited in _until_too_long(longest):
        with transaction.atomic(using=_alias()):
            row = _row_if_free()
            if row is not None:
                return do(row)
    raise _still_locked()


def _row_if_free() -> Connection | None:
    try:
        with transaction.atomic(using=_alias()):
            rows = Connection.objects.using(_alias()).select_for_update(nowait=True)
            return rows.get(pk=1)
    except Connection.DoesNotExist:
        raise NotAuthorized from None
    except OperationalError:
        return None


@contextmanager
def _file_lock(longest: float) -> Iterator[None]:
    path = _lock_path()
    if path is None:
        if not _in_this_process.acquire(timeout=longest):
            raise _still_locked()
        try:
            yield
        finally:
            _in_this_process.release()
        return
    with open(path, "a") as file:
        if not any(
            locks.lock(file, locks.LOCK_EX | locks.LOCK_NB) for _ in _until_too_long(longest)
        ):
            raise _still_locked()
        try:
            yield
        finally:
            locks.unlock(file)


def _lock_path() -> str | None:
    """Beside the database file; None for a database in memory, which one process has alone."""
    name = str(connections[_alias()].settings_dict["NAME"])
    if ":memory:" in name or "mode=memory" in name:
        return None
    return os.path.abspath(name.removeprefix("file:").partition("?")[0]) + "-salesforce-lock"


def _until_too_long(longest: float) -> Iterator[float]:
    started = time.monotonic()
    while (waited := time.monotonic() - started) < longest:
        yield waited
        time.sleep(PAUSE)


def _still_locked() -> Transient:
    return Transient(
        gettext(
            "Another process is renewing the access to Salesforce and has not finished. Try again "
            "in a minute."
        )
    )


def _in_the_middle() -> Transient:
    """Editors may read the sentence; what there is to change is for the log."""
    logger.warning(
        "SQLite cannot renew the access to Salesforce within a transaction: call Salesforce "
        "outside of transaction.atomic() and ATOMIC_REQUESTS."
    )
    return Transient(
        gettext(
            "The access to Salesforce cannot be renewed in the middle of other work on the "
            "database. Try again; if this comes back, tell the people who run the site."
        )
    )


def _alias() -> str:
    return router.db_for_write(Connection) or DEFAULT_DB_ALIAS


def _in_transaction() -> bool:
    connection = connections[_alias()]
    if not connection.in_atomic_block:
        return connection.connection is not None and not connection.get_autocommit()
    try:
        # Django's own question: refused within a real transaction, but not within that of a
        # TestCase, which nobody else could look into.
        with transaction.atomic(using=_alias(), durable=True):
            return False
    except RuntimeError:
        return True


def _leaving_database_as_found(do: Callable[[], T]) -> T:
    """Close a database connection that a worker thread opened only for this."""
    connection = connections[_alias()]
    was_open = connection.connection is not None
    try:
        return do()
    finally:
        if not was_open:
            connection.close()
