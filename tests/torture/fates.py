"""When a replicator dies: after so many seconds, or at the nth time it comes to a chosen point.

The points lie around HTTP calls and around SQL statements that write, so they stay where they are
whatever the replicator looks like inside. SIGKILL leaves it no time for anything.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


POINTS = tuple(
    f"{what}.{when}" for what in ("call", "write") for when in ("before", "during", "after")
)


#: No replicator is waited for longer than this, whatever its fate (seconds).
PATIENCE = 10.0


@dataclass(frozen=True)
class Fate:
    """Killed so many `seconds` after it got the lease; or at a point, the nth time it is reached.

    `during` strikes so many seconds after the call or the statement has begun. With `early` the
    seconds count from its start.
    """

    seconds: float = PATIENCE
    early: bool = False
    point: str = ""
    nth: int = 1
    during: float = 0.0


def draw(chance: random.Random, longest: float) -> Fate:
    """A random fate: a third of them by the clock, the others at a point."""
    point = chance.choice(("", *POINTS, ""))
    if not point:
        return Fate(chance.uniform(0, longest), early=chance.random() < 0.2)
    if point.startswith("call"):
        return Fate(point=point, nth=chance.randint(1, 6), during=chance.uniform(0, 0.05))
    return Fate(point=point, nth=chance.randint(1, 20), during=chance.uniform(0, 0.003))


def install(fate: Fate) -> None:
    """Let this process meet its fate, if it is one at a point."""
    from django.db.backends.utils import CursorWrapper
    from requests.adapters import HTTPAdapter

    if fate.point.startswith("call"):
        _surround(HTTPAdapter, "send", fate, _is_api_call)
    elif fate.point.startswith("write"):
        _surround(CursorWrapper, "execute", fate, _writes)


def _is_api_call(adapter: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
    return "/services/data/" in request.url


def _writes(cursor: Any, sql: Any, *args: Any, **kwargs: Any) -> bool:
    return str(sql).lstrip()[:6].upper() in ("UPDATE", "INSERT", "DELETE")


def _surround(owner: type, name: str, fate: Fate, counts: Callable[..., bool]) -> None:
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
        die()
    if when == "during":
        threading.Thread(target=_die_after, args=(fate.during,), daemon=True).start()
    done = act()
    if when == "after":
        die()
    return done


def _die_after(seconds: float) -> None:
    time.sleep(seconds)
    die()


def die() -> None:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)
