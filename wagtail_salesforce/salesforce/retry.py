"""Repeats calls that met a passing trouble, with back-off and jitter."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from wagtail_salesforce.exceptions import Transient


T = TypeVar("T")

_random = random.SystemRandom()


def pause(seconds: float) -> None:
    """Sleep."""
    time.sleep(seconds)


@dataclass(frozen=True)
class Retry:
    """At most `tries` in all; waits of 0.5, 1, 2 … seconds, each shortened by chance.

    A wait that Salesforce asks for (`Retry-After`) is kept; one longer than `longest` (seconds)
    ends the trying at once, because a later run is the better place to wait.
    """

    tries: int = 4
    first: float = 0.5
    longest: float = 60.0
    sleep: Callable[[float], None] = pause

    def call(self, do: Callable[[], T], *, idempotent: bool = True) -> T:
        """Do it until it works. Raises the last Transient.

        What is not idempotent is repeated only when Salesforce surely did nothing.
        """
        for attempt in range(1, self.tries):
            try:
                return do()
            except Transient as error:
                wait = self.wait(attempt, error.retry_after)
                if wait > self.longest or not (idempotent or error.untouched):
                    raise
                self.sleep(wait)
        return do()

    def wait(self, attempt: int, retry_after: float | None = None) -> float:
        """Seconds to wait after the given attempt, counted from 1."""
        if retry_after is not None:
            return retry_after
        most: float = min(self.first * 2 ** (attempt - 1), self.longest)
        return _random.uniform(most / 2, most)
