"""The real processes of a campaign: replicators and an editor, forked from a warm one."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.fates import Fate, install, strike
from tests.torture.forking import context
from tests.torture.watched import Watched, shorten_leases, watch


REPLICATOR = "torture-replicator"
#: The longest a replicator may take to its lease (seconds).
START = 30.0


@dataclass
class Ended:
    """What became of a replicator."""

    killed: bool
    reason: str | None
    #: Lines of its output that a person must never see.
    ugly: list[str] = field(default_factory=list)
    #: When it got the lease (`time.monotonic`, the same in all processes); None when it did not.
    leased_at: float | None = None
    ended_at: float = 0.0


class Replicator:
    """`salesforce_replicate --json` in a process of its own, from the beginning to its end."""

    def __init__(
        self,
        folder: Path,
        number: int,
        fate: Fate | None = None,
        ahead: float = 0,
        *,
        short_lease: bool = False,
    ) -> None:
        self.fate = fate
        self.output = folder / f"{number}.out"
        self.watched = Watched()
        #: Whether its time had come before it came to its point.
        self.by_the_clock = False
        arguments = (fate, ahead, str(self.output), self.watched, short_lease)
        self.process = context.Process(target=_replicate, args=arguments, daemon=True)
        self.started_at = time.monotonic()
        self.process.start()

    def over(self) -> bool:
        """Whether it has ended; strikes it when its time has come."""
        if not self.process.is_alive():
            return True
        fate = self.fate
        if fate and not self.by_the_clock and time.monotonic() > self._end(fate):
            self.by_the_clock = True
            strike(fate, self._pid)
        return False

    @property
    def _pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def _end(self, fate: Fate) -> float:
        begun = self.started_at if fate.early else self.watched.leased.value
        return begun + fate.seconds if begun else self.started_at + START

    def is_asleep(self) -> bool:
        """Whether it has been stopped."""
        try:
            with open(f"/proc/{self._pid}/stat") as file:
                return file.read().rpartition(")")[2].split()[0] == "T"
        except OSError:
            return False

    def wake(self) -> None:
        """Let it go on, to its end: a fate is met once."""
        self.fate = None
        os.kill(self._pid, signal.SIGCONT)

    def wait(self, seconds: float) -> bool:
        """Wait for its end; whether it came in time."""
        self.process.join(seconds)
        return not self.process.is_alive()

    def ended(self) -> Ended:
        """How it ended. What it wrote is thrown away."""
        self.process.join()
        text = self.output.read_text() if self.output.exists() else ""
        found = Ended(
            killed=self.process.exitcode == -signal.SIGKILL,
            reason=_reason(text),
            ugly=[line for line in text.splitlines() if line.startswith("Traceback")] and [text],
            leased_at=self.watched.leased.value or None,
            ended_at=time.monotonic(),
        )
        if not found.ugly:
            self.output.unlink(missing_ok=True)
        self.process.close()
        return found


def _reason(text: str) -> str | None:
    documents = [line for line in text.splitlines() if line.startswith("{")]
    return json.loads(documents[-1])["reason"] if documents else None


def _replicate(
    fate: Fate | None, ahead: float, output: str, watched: Watched, short_lease: bool
) -> None:
    become(REPLICATOR, output)
    watch(watched)
    if fate is not None:
        install(fate)
    if short_lease:
        shorten_leases()
    if ahead:
        import time_machine

        time_machine.travel(time.time() + ahead, tick=True).start()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "salesforce_replicate", "--json", "--skip-checks"])


def become(name: str, output: str) -> None:
    """Give this process a name that the database knows, and a file to write to."""
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
    from django.db import connection

    if connection.vendor == "postgresql":
        connection.settings_dict["OPTIONS"]["application_name"] = name
