"""Ends a slice in good order when the process is asked to stop (SIGTERM, Ctrl-C).

Without this a worker of django-q2 dies at once, with calls under way whose outcomes nobody
records, and Ctrl-C looks like a fault of the site. Asked to stop, a slice begins no further call,
records what is under way, gives its lease back and says `interrupted`. What is left stays due.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from wagtail_salesforce.exceptions import Stopped


SIGNALS = (signal.SIGTERM, signal.SIGINT)

_asked = threading.Event()


@contextmanager
def heeding_signals() -> Iterator[None]:
    """Within this, a signal to stop is remembered and heeded at the next good moment.

    Only the main thread can listen; elsewhere signals do what they did. Afterwards the process
    goes on as before: a django-q2 worker is then told by its cluster that there is no more work.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _ask) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        _asked.clear()


def _ask(number: int, frame: FrameType | None) -> None:
    """Somebody who presses Ctrl-C a second time does not want to wait for calls under way."""
    if _asked.is_set() and number == signal.SIGINT:
        raise KeyboardInterrupt
    _asked.set()


def check() -> None:
    """Raise Stopped("interrupted") when the process has been asked to stop. For all threads."""
    if _asked.is_set():
        raise Stopped(code="interrupted")


def is_interruption(error: BaseException) -> bool:
    """Whether somebody ended the process, rather than an error of ours."""
    return isinstance(error, KeyboardInterrupt) or type(error) is SystemExit
