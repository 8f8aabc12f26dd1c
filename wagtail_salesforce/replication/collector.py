"""Python's garbage collector while thousands of contacts pass through."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


#: New objects between two looks for unreachable cycles; a window of contacts is a few times that.
NEW_OBJECTS = 10_000


@contextmanager
def sparing_what_stays() -> Iterator[None]:
    """Let the collector look at what a slice makes only, not at all that was there before.

    Django, Wagtail and the site are some hundred thousand objects that stay for good, and going
    through them again and again took a quarter of a slice's CPU time (`bench_engine`). Afterwards
    the collector looks at everything again, so that nothing is kept for ever.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(max(before[0], NEW_OBJECTS) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
