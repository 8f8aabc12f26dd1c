"""What a replicator meets: it dies, or stops, after so many seconds or at a chosen point.

The points lie around HTTP calls and around SQL statements that write, so they stay where they are
whatever the replicator looks like inside. SIGKILL leaves it no time for anything, and SIGSTOP lets
it sleep, with calls under way and locks held, until somebody wakes it.
"""

from __future__ import annotations

import os
import random
import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


#: HTTP calls by method and address.
CALLS = {
    "call": "/services/data/",
    "token": "POST .*/oauth2/token$",
    "create": "POST .*/jobs/ingest$",
    "upload": r"PUT .*/jobs/ingest/\w+/batches$",
    "close": "PATCH .*/jobs/ingest/",
    "look": r"GET .*/jobs/ingest/\w+$",
    "results": r"GET .*/jobs/ingest/\w+/\w+Results",
}
#: SQL statements that write.
WRITES = {"write": r"\s*(UPDATE|INSERT|DELETE)", "record": r"\s*UPDATE\b.*\bsynced_version = CASE"}
WHEN = ("before", "during", "after")

#: Where replicators are struck: at any call, at any write.
ANYWHERE = ("call", "write")
#: With Bulk also at each step of a job. `close` is an abort too.
IN_BULK = ("write", "create", "upload", "close", "look", "results", "record")
#: Which time at a place it is, at most.
MOST = {"call": 6, "write": 20, "look": 2, "record": 5, "results": 2}
#: A statement is over sooner than a call (seconds).
LONGEST_CALL, LONGEST_STATEMENT = 0.05, 0.003

#: No replicator is waited for longer than this, whatever its fate (seconds).
PATIENCE = 10.0


@dataclass(frozen=True)
class Fate:
    """Struck so many `seconds` after it got the lease; or at a point, the nth time it is reached.

    `during` strikes so many seconds after the call or the statement has begun. With `early` the
    seconds count from its start. One that `sleeps` is stopped instead of killed.
    """

    seconds: float = PATIENCE
    early: bool = False
    point: str = ""
    nth: int = 1
    during: float = 0.0
    sleeps: bool = False


def draw(
    chance: random.Random,
    longest: float,
    places: tuple[str, ...] = ANYWHERE,
    *,
    sleeps: bool = False,
    patience: float = PATIENCE,
) -> Fate:
    """A random fate: a quarter of them by the clock, the others at a point."""
    if chance.random() < 0.25:
        return Fate(chance.uniform(0, longest), early=chance.random() < 0.2, sleeps=sleeps)
    place, _, when = chance.choice(places).partition(".")
    when = when or chance.choice(WHEN)
    during = chance.uniform(0, LONGEST_CALL if place in CALLS else LONGEST_STATEMENT)
    nth = chance.randint(1, MOST.get(place, 1))
    return Fate(patience, point=f"{place}.{when}", nth=nth, during=during, sleeps=sleeps)


def install(fate: Fate) -> None:
    """Let this process meet its fate, if it is one at a point."""
    from django.db.backends.utils import CursorWrapper
    from requests.adapters import HTTPAdapter

    place = fate.point.partition(".")[0]
    if place in CALLS:
        wanted = re.compile(CALLS[place])
        _surround(HTTPAdapter, "send", fate, lambda _, request, *__, **___: _is(wanted, request))
    elif place in WRITES:
        written = re.compile(WRITES[place], re.IGNORECASE | re.DOTALL)
        _surround(CursorWrapper, "execute", fate, lambda _, sql, *__: written.match(str(sql)))


def _is(wanted: re.Pattern[str], request: Any) -> bool:
    return bool(wanted.search(f"{request.method} {request.url}"))


def _surround(owner: type, name: str, fate: Fate, counts: Callable[..., Any]) -> None:
    original = getattr(owner, name)
    left = [fate.nth]

    def surrounded(*args: Any, **kwargs: Any) -> Any:
        if not counts(*args, **kwargs):
            return original(*args, **kwargs)
        left[0] -= 1
        if left[0] != 0:
            return original(*args, **kwargs)
        return _struck(fate, lambda: original(*args, **kwargs))

    setattr(owner, name, surrounded)


def _struck(fate: Fate, act: Callable[[], Any]) -> Any:
    when = fate.point.partition(".")[2]
    if when == "before":
        strike(fate, os.getpid())
    if when == "during":
        threading.Thread(target=_strike_after, args=(fate,), daemon=True).start()
    done = act()
    if when == "after":
        strike(fate, os.getpid())
    return done


def _strike_after(fate: Fate) -> None:
    time.sleep(fate.during)
    strike(fate, os.getpid())


def strike(fate: Fate, pid: int) -> None:
    """End a process as `kill -9` does, or stop it."""
    os.kill(pid, signal.SIGSTOP if fate.sleeps else signal.SIGKILL)
    if fate.sleeps and pid == os.getpid():
        # This thread would run on for a moment, until all threads have stopped.
        time.sleep(0.05)
