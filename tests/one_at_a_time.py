"""While a browser is at the live site, its requests are answered one after the other.

On SQLite in memory all threads of the live server share one connection, so that two requests at
once would stand in each other's transactions, and so would a request and the test. On any database
one that is still under way when the test ends would keep the database from being emptied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, RLock, local
from typing import Any

from django.core.signals import request_finished
from django.db import connection
from django.http import HttpResponse


LOCK = RLock()
#: No request takes longer than this, in seconds.
LONGEST = 60


class Visit:
    """Whether a browser is here, and how many requests of it are being answered: a response is one
    until Django has closed it."""

    def __init__(self) -> None:
        #: None as long as there has not been any: what asks then is no browser of the tests.
        self.is_on: bool | None = None
        self._number = 0
        self._changed = Condition()
        self._here = local()

    def begin(self) -> None:
        """From now on the browser is answered."""
        self.is_on = True

    def enter(self) -> bool:
        """Whether this thread may answer a request: not when the browser has gone."""
        with self._changed:
            if self.is_on:
                self._number += not getattr(self._here, "busy", False)
                self._here.busy = True
            return self.is_on is not False

    def leave(self, **_signal: Any) -> None:
        """This thread has answered, if it had a request."""
        with self._changed:
            if getattr(self._here, "busy", False):
                self._here.busy = False
                self._number -= 1
                self._changed.notify_all()

    def end(self) -> None:
        """Nothing is answered from now on; wait for what is."""
        with self._changed:
            self.is_on = False
            assert self._changed.wait_for(lambda: self._number == 0, LONGEST), "A request hangs."


VISIT = Visit()
# After Django's own receiver, which still asks for the connection.
request_finished.connect(VISIT.leave, dispatch_uid="one at a time")


class OneAtATime:
    """The middleware. Does nothing for tests without a browser, which send no request by wire."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        # Django's test client says no, the live server says yes.
        if not request.META.get("wsgi.multithread"):
            return self.get_response(request)
        if not VISIT.enter():
            # The last words of a window whose test is over.
            return HttpResponse(status=503)
        with alone():
            return self.get_response(request)


@contextmanager
def alone() -> Iterator[None]:
    """While something else than a request works in the database, no request is answered."""
    if connection.vendor != "sqlite":
        yield
        return
    with LOCK:
        yield


@contextmanager
def browsing() -> Iterator[None]:
    """Within this, requests wait for each other; at its end none is under way, and none follows."""
    VISIT.begin()
    try:
        yield
    finally:
        VISIT.end()
