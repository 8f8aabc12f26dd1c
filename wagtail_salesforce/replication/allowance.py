"""The share of the org's daily API calls that we may use; exact for our own calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.db.models import F
from django.utils import timezone

from wagtail_salesforce.conf import conf
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.exceptions import Stopped
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.salesforce.client import SalesforceClient
from wagtail_salesforce.salesforce.limits import Usage


T = TypeVar("T")

#: How long a reading of the org's usage is believed; then it is looked at again.
FRESH = timedelta(hours=1)


def usable(most: int, reserve_percent: int) -> int:
    """How many of the daily calls may be used when so many percent are kept in reserve."""
    return most * (100 - reserve_percent) // 100


def may_call(used: int, most: int, reserve_percent: int, unknown: int = 0) -> bool:
    """Whether one more call leaves the reserve untouched, those not yet in `used` counted."""
    return used + unknown + 1 <= usable(most, reserve_percent)


def check_allowance(usage: Usage | None, reserve_percent: int, unknown: int) -> None:
    """Raise Stopped("api_reserve") when one more call would touch the reserve."""
    if usage and not may_call(usage.used, usage.max, reserve_percent, unknown):
        raise Stopped(code="api_reserve")


class Allowance:
    """What one worker alone may use: it knows of all our calls, as it makes them itself.

    `known` is the org's usage as read before, while the client has not been told.
    """

    def __init__(self, client: SalesforceClient, percent: int, known: Usage | None) -> None:
        self.client, self.percent, self.known = client, percent, known

    def guard(self, told: Usage | None, unknown: int) -> None:
        """Asked before every call, in the thread that makes it; raises Stopped("api_reserve")."""
        check_allowance(told or self.known, self.percent, unknown)

    @property
    def is_known(self) -> bool:
        """Whether several calls may fly: until the usage is known, each has to be waited for."""
        return bool(self.client.usage or self.known)

    def reserved(self, do: Callable[[], T]) -> Callable[[], T]:
        """Take a call for `do`, which a thread will make, or raise Stopped("api_reserve")."""
        return do

    def learn(self) -> None:
        """An answer may have told the usage."""

    def close(self) -> None:
        """No more calls will be made."""


def allowance_for(
    client: SalesforceClient,
    percent: int,
    known: Usage | None,
    hold_on: Callable[[], None] | None = None,
    *,
    asks: bool = True,
) -> Allowance:
    """What this worker may use, alone or beside others; see `SharedAllowance`."""
    from wagtail_salesforce.replication.shared_allowance import SharedAllowance

    if conf().PARALLEL_WORKERS > 1:
        return SharedAllowance(client, percent, known, hold_on, asks=asks)
    return Allowance(client, percent, known)


def keep_reserve(client: SalesforceClient) -> None:
    """Let the client refuse calls that would touch the reserve, with Stopped("api_reserve")."""
    percent = ReplicationSettings.load().api_reserve_percent
    known = known_usage(Connection.load())
    client.set_guard(allowance_for(client, percent, known, asks=False).guard)


def known_usage(connection: Connection) -> Usage | None:
    """The org's usage as last read, while that is less than an hour old."""
    used, most = connection.api_calls_used, connection.api_calls_max
    if used is None or most is None or not is_fresh(connection):
        return None
    return Usage(used, most)


def note_exhausted() -> None:
    """Salesforce said that no call is left: believed for an hour, then looked at again."""
    known = Connection.objects.filter(pk=1, api_calls_max__isnull=False)
    known.update(api_calls_used=F("api_calls_max"), api_calls_at=timezone.now())


def is_fresh(connection: Connection) -> bool:
    """Whether what we know of the org's usage is less than an hour old."""
    read_at = connection.api_calls_at
    return read_at is not None and read_at > timezone.now() - FRESH


def reserve_reached(connection: Connection, reserve_percent: int) -> bool:
    """Whether we know, freshly, that no call may be made now."""
    usage = known_usage(connection)
    return usage is not None and not may_call(usage.used, usage.max, reserve_percent)
