"""Writes the org's API usage down, for the panel and for the reserve."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from django.db import DatabaseError, transaction
from django.utils import timezone

from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.salesforce.limits import Usage


logger = logging.getLogger("wagtail_salesforce")

#: Seconds between two writings, so that many calls cost few statements.
PAUSE = 10.0


class UsageRecorder:
    """Given to a client as `on_usage`: saves now and then, and only in the thread it is made in.

    Threads that a client is shared with have no business with the database. Who needs the exact
    figure calls `save_usage` at the end.
    """

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._saved_at: float | None = None

    def __call__(self, usage: Usage) -> None:
        now = time.monotonic()
        if threading.get_ident() != self._thread:
            return
        if self._saved_at is None or now - self._saved_at >= PAUSE:
            self._saved_at = now
            save_usage_soon(usage)


def save_usage_soon(usage: Usage | None) -> None:
    """Save it, inside of a transaction once that is committed."""
    _after_transaction(partial(save_usage, usage))


def _after_transaction(save: Callable[[], None]) -> None:
    # The row must not stay locked until the caller's transaction ends: a refresh waits for it.
    if transaction.get_connection().in_atomic_block:
        transaction.on_commit(save)
    else:
        save()


def save_usage(usage: Usage | None) -> None:
    """Write it to the connection's row (one statement)."""
    if usage is None:
        return
    try:
        Connection.objects.filter(pk=1).update(
            api_calls_used=usage.used, api_calls_max=usage.max, api_calls_at=timezone.now()
        )
    except DatabaseError as error:
        # Only a meter: the next answer tells it again.
        logger.info("The API usage was not saved: %s", type(error).__name__)
