"""What the benchmarks share: a database of their own, a practice org, CPU and wall clocks."""

from __future__ import annotations

import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Cost:
    """What a piece of work took, in seconds of this process's CPU and of the wall clock."""

    cpu: float
    wall: float


@contextmanager
def site() -> Iterator[None]:
    """A freshly migrated test database, thrown away afterwards."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.test.runner import DiscoverRunner

    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        yield
    finally:
        runner.teardown_databases(databases)


def measure(work: Callable[[], Any]) -> Cost:
    """Run the work once and take its time; garbage of earlier work is collected before."""
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return Cost(time.process_time() - cpu, time.perf_counter() - wall)


def median(costs: list[Cost]) -> Cost:
    """The median of each clock."""
    return Cost(
        statistics.median(cost.cpu for cost in costs),
        statistics.median(cost.wall for cost in costs),
    )


def report(result: dict[str, Any]) -> None:
    """Print the result as one JSON document."""
    json.dump(result, sys.stdout, indent=2)
    sys.stdout.write("\n")
