"""The allowance of several workers together: every call is taken from one row, before it is made.

The row (a `Lease` of the name ROW that nobody holds) has in `token` how many of the daily calls
are used, those under way included; it is never less than what Salesforce has counted, as far as
the calls are ours. One conditional UPDATE takes a call, whoever of the workers comes first.

What Salesforce tells is believed for an hour. After that, and at the very beginning, one worker
asks with a single call while the others wait for its answer. Calls that were taken and never
counted (an outage, a worker that was killed) are made good then: until then they are left unused.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import DEFAULT_DB_ALIAS, connections, router
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone

from wagtail_salesforce.conf import conf
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.usage import save_usage
from wagtail_salesforce.exceptions import Stopped
from wagtail_salesforce.replication.allowance import FRESH, Allowance, T, known_usage, usable
from wagtail_salesforce.replication.lease import LEASE_TIME, identity, is_dead
from wagtail_salesforce.replication.models import Lease
from wagtail_salesforce.salesforce.client import SalesforceClient
from wagtail_salesforce.salesforce.limits import Usage


ROW = "api-calls"
#: Seconds between two looks while another worker asks how many calls are used.
PAUSE = 0.1


class SharedAllowance(Allowance):
    """A worker's part in it. `hold_on` is called while it waits for another one.

    One that is no worker (`asks` is off) takes its calls from the row as well, but never keeps
    the workers waiting.
    """

    def __init__(
        self,
        client: SalesforceClient,
        percent: int,
        known: Usage | None,
        hold_on: Callable[[], None] | None = None,
        *,
        asks: bool = True,
    ) -> None:
        super().__init__(client, percent, known)
        self._hold_on, self._asks = hold_on, asks
        self._main = threading.get_ident()
        self._thread = threading.local()
        # While this one asks: its name in the row, what had been told before, and how many calls
        # of others the answer may not know of.
        self._asking = ""
        self._told_before: Usage | None = None
        self._not_in_it = 0

    def guard(self, told: Usage | None, unknown: int) -> None:
        """What was taken for this thread is used first; repeats take a call of their own."""
        if getattr(self._thread, "reserved", False):
            self._thread.reserved = False
            return
        with _leaving_no_connection():
            if self._asks:
                self._take()
            elif not self._take_from_row():
                super().guard(told, unknown)

    @property
    def is_known(self) -> bool:
        return not self._asking

    def reserved(self, do: Callable[[], T]) -> Callable[[], T]:
        self._take()

        def in_thread() -> T:
            self._thread.reserved = True
            try:
                return do()
            finally:
                self._thread.reserved = False

        return in_thread

    def learn(self) -> None:
        told = self.client.usage
        if self._asking and told is not None and told is not self._told_before:
            # First for all to see how many calls there are, then how many of them are used.
            save_usage(told)
            used = told.used + self._not_in_it
            asked = _row().filter(owner=self._asking)
            asked.update(token=used, owner="", expires_at=timezone.now())
            self._asking, self.known = "", told

    def close(self) -> None:
        """One that asked and was told nothing lets another ask."""
        self.learn()
        if self._asking:
            _row().filter(owner=self._asking).update(owner="", expires_at=_long_ago())
            self._asking = ""

    def _take(self) -> None:
        while True:
            self.learn()
            if self._asking or self._take_from_row() or self._ask_or_wait():
                return

    def _take_from_row(self) -> bool:
        """False when the row is not to be believed at present."""
        told = self.client.usage
        usage = told or self.known
        if usage is None:
            return False
        most = usable(usage.max, self.percent)
        if told is not None and told.used >= most:
            raise Stopped(code="api_reserve")
        believed = _row().filter(owner="", expires_at__gt=timezone.now() - FRESH)
        used = Greatest(F("token"), told.used) if told else F("token")
        if believed.filter(token__lt=most).update(token=used + 1):
            return True
        # Not merely whether it is believed: another worker may have been told just now.
        if believed.filter(token__gte=most).exists():
            raise Stopped(code="api_reserve")
        return False

    def _ask_or_wait(self) -> bool:
        """True when it is this worker that asks, by the call it is about to make."""
        self.known = known_usage(Connection.load()) or self.known
        row, _made = Lease.objects.get_or_create(name=ROW, defaults={"expires_at": _long_ago()})
        age = timezone.now() - row.expires_at
        if row.owner and age < LEASE_TIME and not is_dead(_asker(row.owner)):
            self._wait()
            return False
        if not row.owner and age < FRESH and self.known:
            return False
        return self._ask(row, age)

    def _wait(self) -> None:
        time.sleep(PAUSE)
        if self._hold_on and threading.get_ident() == self._main:
            self._hold_on()

    def _ask(self, row: Lease, age: timedelta) -> bool:
        name = f"{identity()} {uuid.uuid4().hex}"[-200:]
        as_read = _row().filter(token=row.token, owner=row.owner, expires_at=row.expires_at)
        if not as_read.update(owner=name, expires_at=timezone.now()):
            return False
        # Others may have calls under way that they took while the row was believed still.
        settings = conf()
        others = settings.PARALLEL_WORKERS * settings.CALLS_IN_FLIGHT - 1
        self._not_in_it = others if age < FRESH + LEASE_TIME else 0
        self._asking, self._told_before = name, self.client.usage
        return True


def _asker(owner: str) -> str:
    """The process that asks, as leases name it; several may ask one after the other in it."""
    return owner.rpartition(" ")[0] or owner


def _row() -> QuerySet[Lease]:
    return Lease.objects.filter(name=ROW)


def _long_ago() -> datetime:
    return timezone.now() - timedelta(days=1)


@contextmanager
def _leaving_no_connection() -> Iterator[None]:
    """Close a database connection that a thread of the pool has opened only for this."""
    database = connections[router.db_for_write(Lease) or DEFAULT_DB_ALIAS]
    was_open = database.connection is not None
    try:
        yield
    finally:
        if not was_open:
            database.close()
