"""Makes a transaction end in a deadlock, of which the database undoes the one under test.

Only with a database that locks rows; `needs_two_connections` skips a module elsewhere.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any, TypeVar
from unittest import mock

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from wagtail_salesforce.contacts import collisions


T = TypeVar("T")

needs_two_connections = pytest.mark.skipif(
    not connection.features.has_select_for_update,
    reason="in memory, SQLite is one connection; elsewhere it has one writer at a time",
)

SESSION = {"postgresql": "SELECT pg_backend_pid()", "mysql": "SELECT connection_id()"}

IS_WAITING = {
    "postgresql": "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND pid = %s",
    "mysql": "SELECT COUNT(*) FROM information_schema.innodb_trx"
    " WHERE trx_state = 'LOCK WAIT' AND trx_mysql_thread_id = %s",
}

#: MySQL undoes whoever has changed less.
WEIGHT = 300


def deadlock(hold: Callable[[], Any], want: Callable[[], Any], work: Callable[[], T]) -> T:
    """Do `work` while another transaction does `hold` before it, and `want` once `work` waits.

    `work` has to wait for what `hold` locks while it has locked what `want` needs. PostgreSQL
    undoes whoever has waited for a second, MySQL whoever has changed less: both times `work`.
    """
    held, session = threading.Event(), _asked(SESSION)

    def opponent() -> None:
        with closing(connection), transaction.atomic():
            _insist()
            hold()
            held.set()
            _await(session)
            want()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(opponent)
        assert held.wait(30) or other.result()
        result = work()
        other.result(30)
    return result


@contextmanager
def repeated() -> Iterator[mock.Mock]:
    """Says how often work has been repeated because of a collision."""
    pause = mock.Mock(wraps=collisions._pause)
    with mock.patch.object(collisions, "_pause", pause):
        yield pause


def _asked(sql: dict[str, str], *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql[connection.vendor], values or None)
        return int(cursor.fetchone()[0])


def _insist() -> None:
    """Let the database undo the other one: PostgreSQL by patience, where we may ask for that."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('deadlock_timeout', '1min', true)"
                " WHERE current_setting('is_superuser')::boolean"
            )
        return
    types = [ContentType(app_label="weight", model=f"{n}") for n in range(WEIGHT)]
    ContentType.objects.bulk_create(types)
    transaction.on_commit(ContentType.objects.filter(app_label="weight").delete)


def _await(session: int) -> None:
    """MySQL looks at its transactions ten times a second at most, and not while it is asked."""
    pause, deadline = 0.02 if connection.vendor == "postgresql" else 0.15, time.monotonic() + 30
    while not _asked(IS_WAITING, session):
        assert time.monotonic() < deadline, "nobody waits for what is held"
        time.sleep(pause)
