"""What a replicator tells of itself while it lives, in memory that outlives it.

Without locks, since a process that is killed or stopped with one in its hands would keep it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.torture.forking import context


#: The shortened lease (seconds): it ends while a replicator sleeps.
SHORT_LEASE = 3.0
#: What has to be shortened with it: renewing it, and looking after it in a wait.
SHORT_WAIT = 0.3


def _shared(kind: str) -> Any:
    return field(default_factory=lambda: context.RawValue(kind, 0))


@dataclass
class Watched:
    """Moments are those of `time.monotonic`, the same in all processes; 0 means never."""

    #: When it got the lease, and which: its slot and its token.
    leased: Any = _shared("d")
    slot: Any = _shared("i")
    token: Any = _shared("q")
    #: When it began its last API call.
    called: Any = _shared("d")
    #: Whether it has asked for a token that is not stored yet.
    exchanging: Any = _shared("b")
    #: What MySQL and MariaDB call its connection.
    connection: Any = _shared("q")

    @property
    def lease(self) -> str:
        """The name of its lease."""
        return f"replication-{self.slot.value}"


def watch(watched: Watched) -> None:
    """Let this process tell."""
    _note_lease(watched)
    _note_calls(watched)
    _note_exchange(watched)
    _note_connection(watched)


def _note_lease(watched: Watched) -> None:
    from wagtail_salesforce.replication import engine

    take: Any = engine.take_lease

    def noted(*args: Any, **kwargs: Any) -> Any:
        held = take(*args, **kwargs)
        if held is not None:
            watched.slot.value, watched.token.value = int(held.name.split("-")[1]), held.token
            watched.leased.value = watched.leased.value or time.monotonic()
        return held

    engine.take_lease = noted


def _note_calls(watched: Watched) -> None:
    from requests.adapters import HTTPAdapter

    send: Any = HTTPAdapter.send

    def noted(adapter: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if "/services/data/" in request.url:
            watched.called.value = time.monotonic()
        elif request.url.endswith("/oauth2/token"):
            watched.exchanging.value = 1
        return send(adapter, request, *args, **kwargs)

    HTTPAdapter.send = noted  # type: ignore[method-assign]


def _note_exchange(watched: Watched) -> None:
    """What the lock is held for is committed when it is given back."""
    from wagtail_salesforce.connection import tokens

    locked: Any = tokens.with_locked_connection_committed

    def noted(do: Any) -> Any:
        try:
            return locked(do)
        finally:
            watched.exchanging.value = 0

    tokens.with_locked_connection_committed = noted


def _note_connection(watched: Watched) -> None:
    from django.db.backends.signals import connection_created

    def noted(connection: Any, **_: Any) -> None:
        if connection.vendor == "mysql":
            watched.connection.value = connection.connection.thread_id()

    connection_created.connect(noted, weak=False)


def shorten_leases() -> None:
    """Leases of this process last three seconds, where a site's last three minutes."""
    from wagtail_salesforce.replication import bulk_run, flights, lease, runs, shared_allowance

    short: Any
    for module in (lease, runs, shared_allowance):
        short = module
        short.LEASE_TIME = timedelta(seconds=SHORT_LEASE)
    lease.RENEW_EVERY = timedelta(seconds=SHORT_WAIT)
    flights.WAIT = bulk_run.NAP = SHORT_WAIT
