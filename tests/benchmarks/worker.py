"""A replicator in a process of its own, on the database of the benchmark that starts it.

    with worker(PARALLEL_WORKERS=2) as first: ... first.go(); told = first.told()

It gets ready, waits for the word, replicates to the end and tells what that took.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Told:
    """Leads made; seconds of the wall clock and of CPU; the most memory held, in MB."""

    created: int
    began: float
    ended: float
    cpu: float
    memory: float


class Worker:
    """A process that waits to be told to go."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def told(self) -> Told:
        assert self.process.stdout
        return Told(**json.loads(self.process.stdout.readline()))


@contextmanager
def worker(**settings: Any) -> Iterator[Worker]:
    """A worker with these keys of WAGTAIL_SALESFORCE, ready to go."""
    from django.db import connection

    name = str(connection.settings_dict["NAME"])
    given = {"WS_TEST_DATABASE_NAME": name, "WS_BENCH_SETTINGS": json.dumps(settings)}
    command = [sys.executable, "-m", "tests.benchmarks.worker"]
    pipe = subprocess.PIPE
    environment = {**os.environ, **given}
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        try:
            yield Worker(process)
        finally:
            process.kill()


def replicate_alone(**settings: Any) -> Told:
    """Replicate to the end in a process of its own."""
    with worker(**settings) as alone:
        alone.go()
        return alone.told()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django
    from django.conf import settings

    django.setup()
    given = json.loads(os.environ["WS_BENCH_SETTINGS"])
    settings.WAGTAIL_SALESFORCE = {**settings.WAGTAIL_SALESFORCE, **given}
    from tests.ready import run

    print("ready", flush=True)
    sys.stdin.readline()
    _forget_peak()
    began, cpu = time.time(), time.process_time()
    result = run()
    assert result.reason is None, result
    print(json.dumps(_told(result, began, cpu)), flush=True)


def _told(result: Any, began: float, cpu: float) -> dict[str, float]:
    return {
        "created": result.counts["created"],
        "began": began,
        "ended": time.time(),
        "cpu": time.process_time() - cpu,
        "memory": _peak_memory(),
    }


def _peak_memory() -> float:
    """The most memory this process has held since it began to work, in MB.

    Not `ru_maxrss`: that one is never less than what the process held that started this one.
    """
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) / 1024


def _forget_peak() -> None:
    """From now on the peak is counted anew (proc(5): clear_refs)."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


if __name__ == "__main__":
    main()
