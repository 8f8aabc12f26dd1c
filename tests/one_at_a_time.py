"""While a browser is at the live site, its requests are answered one after the other.

On SQLite in memory all threads of the live server share one connection, so that two requests at
once would stand in each other's transactions, and one that is still under way when the test ends
would keep the database from being emptied.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from threading import RLock
from typing import Any

from django.db import connection


LOCK = RLock()
#: What a window still says while it closes is on its way for so long, in seconds.
LAST_WORDS = 0.05

_browsing = False


class OneAtATime:
    """The middleware. Does nothing in tests without a browser, and on other databases."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        with LOCK if _browsing else nullcontext():
            return self.get_response(request)


@contextmanager
def browsing() -> Iterator[None]:
    """Within this, requests wait for each other; at its end none is under way."""
    global _browsing
    _browsing = connection.vendor == "sqlite"
    try:
        yield
        time.sleep(LAST_WORDS)
        with LOCK:
            pass
    finally:
        _browsing = False
