"""While a browser is at the live site, its requests are answered one after the other.

On SQLite in memory all threads of the live server share one connection, so that two requests at
once would stand in each other's transactions, and one that is still under way when the test ends
would keep the database from being emptied.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, RLock, local
from typing import Any

from django.core.signals import request_finished
from django.db import connection


LOCK = RLock()
#: What a window still says while it is emptied is on its way for so long, in seconds.
LAST_WORDS = 0.1
#: No request takes longer than this, in seconds.
LONGEST = 30

_browsing = False


class UnderWay:
    """How many requests are being answered: a response is one until Django has closed it."""

    def __init__(self) -> None:
        self._number = 0
        self._changed = Condition()
        self._here = local()

    def begin(self) -> None:
        """This thread answers a request now."""
        with self._changed:
            self._number += not getattr(self._here, "busy", False)
            self._here.busy = True

    def end(self, **_signal: Any) -> None:
        """This thread has answered, if it had a request."""
        with self._changed:
            if getattr(self._here, "busy", False):
                self._here.busy = False
                self._number -= 1
                self._changed.notify_all()

    def wait_for_none(self) -> None:
        """Wait until nothing is being answered."""
        with self._changed:
            self._changed.wait_for(lambda: self._number == 0, LONGEST)


UNDER_WAY = UnderWay()
# After Django's own receiver, which still asks for the connection.
request_finished.connect(UNDER_WAY.end, dispatch_uid="one at a time")


class OneAtATime:
    """The middleware. Does nothing in tests without a browser, and on other databases."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        if not _browsing:
            return self.get_response(request)
        UNDER_WAY.begin()
        with LOCK:
            return self.get_response(request)


@contextmanager
def browsing() -> Iterator[None]:
    """Within this, requests wait for each other; at its end none is under way."""
    global _browsing
    _browsing = connection.vendor == "sqlite"
    try:
        yield
        time.sleep(LAST_WORDS)
        UNDER_WAY.wait_for_none()
    finally:
        _browsing = False
