"""A worker in a process of its own, on the test's database. For PostgreSQL.

    with workers(3, PARALLEL_WORKERS=3) as team: ... told = [each.told() for each in team]

Each gets ready, waits until all are, replicates to the end and tells what came of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any


WINDOW = 100


def environment() -> dict[str, str]:
    """What a process needs to work on the database of the test."""
    from django.db import connection

    name = str(connection.settings_dict["NAME"])
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "WS_TEST_DATABASE_NAME": name,
    }


class WorkerProcess:
    """The process, seen from the test."""

    def __init__(self, given: dict[str, Any]) -> None:
        pipe = subprocess.PIPE
        command = [sys.executable, "-m", "tests.replication.worker_process", json.dumps(given)]
        self.process = subprocess.Popen(
            command, env=environment(), stdin=pipe, stdout=pipe, text=True
        )

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def go(self) -> None:
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def told(self) -> dict[str, Any]:
        """The document of its run, once that is over."""
        return json.loads(self.process.stdout.readline())


@contextmanager
def workers(number: int, **settings: Any) -> Iterator[list[WorkerProcess]]:
    """So many that have begun at the same moment, with these keys of WAGTAIL_SALESFORCE."""
    given = {"PARALLEL_WORKERS": number, **settings}
    with ExitStack() as stack:
        team = [stack.enter_context(WorkerProcess(given)) for _worker in range(number)]
        for each in team:
            assert each.process.stdout.readline() == "ready\n"
        for each in team:
            each.go()
        yield team


def main() -> None:
    import django
    from django.conf import settings

    django.setup()
    settings.WAGTAIL_SALESFORCE = {**settings.WAGTAIL_SALESFORCE, **json.loads(sys.argv[1])}
    from tests.ready import run
    from wagtail_salesforce.replication import claim

    claim.WINDOW = WINDOW
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(run().as_json()), flush=True)


if __name__ == "__main__":
    main()
