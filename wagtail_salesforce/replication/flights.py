"""Calls under way in threads, while the main thread holds on to the lease.

The threads only serialise, send and parse: the database belongs to the main thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.utils import timezone

from wagtail_salesforce.replication.transports import Answer, Call


T = TypeVar("T")

#: How long to wait for an answer before looking after the lease again, in seconds.
WAIT = 5.0


@dataclass(frozen=True, eq=False)
class Flight:
    """A call under way, and when it began: by `time.monotonic()` and by the clock."""

    call: Call
    future: Future[list[Answer]]
    begun: float
    sent_at: datetime


class Flights:
    """At most so many calls under way. `hold_on` is called every few seconds of waiting."""

    def __init__(self, most: int, hold_on: Callable[[], None]) -> None:
        self.under_way: list[Flight] = []
        self._hold_on = hold_on
        # One more than calls may fly, for what the main thread itself asks.
        self._pool = ThreadPoolExecutor(most + 1, thread_name_prefix="salesforce")

    def __len__(self) -> int:
        return len(self.under_way)

    def launch(self, call: Call, do: Callable[[], list[Answer]]) -> None:
        """Let a call leave."""
        begun, sent_at = time.monotonic(), timezone.now()
        self.under_way.append(Flight(call, self._pool.submit(do), begun, sent_at))

    def landed(self) -> Flight:
        """Wait for the first call that is over. It need not be the oldest: one that is being
        repeated must not keep the others from being followed by new ones."""
        while True:
            futures = [flight.future for flight in self.under_way]
            wait(futures, timeout=WAIT, return_when=FIRST_COMPLETED)
            for flight in self.under_way:
                if flight.future.done():
                    self.under_way.remove(flight)
                    return flight
            self._hold_on()

    def let_go(self) -> None:
        """The lease is lost: only wait from now on."""
        self._hold_on = lambda: None

    def meanwhile(self, do: Callable[[], T]) -> T:
        """Do something that may take long in a thread, and hold on until it is done."""
        return holding_on(self._pool, do, self._hold_on)

    def ahead(self, items: Iterator[T]) -> Generator[T, None, None]:
        """The items, each made in a thread while the one before is in use."""
        future = self._pool.submit(next, items, None)
        try:
            while (item := future.result()) is not None:
                future = self._pool.submit(next, items, None)
                yield item
        finally:
            wait([future])

    def close(self) -> None:
        """Wait for what is under way, and end the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def holding_on(pool: ThreadPoolExecutor, do: Callable[[], T], hold_on: Callable[[], None]) -> T:
    """The result of `do`, which a thread of the pool works at."""
    future = pool.submit(do)
    while not wait([future], timeout=WAIT).done:
        hold_on()
    return future.result()
