"""Starts the demonstration's processes, watches them, and stops every one of them again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType


HOST = "127.0.0.1"
PORTS_TO_TRY = 50
SECONDS_TO_STOP = 20.0
SECONDS_BETWEEN_LOOKS = 0.2


class DemoFailed(Exception):
    """The demonstration cannot go on; the message says why, in plain words."""


def free_port(preferred: int, besides: int | None = None) -> int:
    """The preferred port, or the next one that nobody listens on and that is not `besides`."""
    for port in range(preferred, preferred + PORTS_TO_TRY):
        if port == besides:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        return port
    last = preferred + PORTS_TO_TRY - 1
    raise DemoFailed(f"No free port from {preferred} to {last}. Give another one with --port.")


@dataclass(frozen=True)
class Child:
    """A process of the demonstration and the file that its output goes to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def end_of_log(self, lines: int = 15) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])


class Children:
    """The processes under way. Leaving the `with` block stops them, the last one first."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.running: list[Child] = []

    def __enter__(self) -> Children:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # An impatient second Ctrl-C must not leave a process behind.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            while self.running:
                _stop(self.running.pop().process)
        finally:
            signal.signal(signal.SIGINT, before)

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> Child:
        """Start a process in a session of its own, so that Ctrl-C reaches only this one."""
        log = self.logs / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                env={**env, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child = Child(name, process, log)
        self.running.append(child)
        return child

    def check(self) -> None:
        """Raise DemoFailed when one of the processes has ended by itself."""
        for child in self.running:
            if (code := child.process.poll()) is not None:
                raise DemoFailed(
                    f"The {child.name} has ended with code {code}. The end of {child.log}:\n"
                    f"{child.end_of_log()}"
                )

    def wait_until(self, condition: Callable[[], bool], what: str, seconds: float) -> None:
        """Look again and again until the condition holds; give up after so many seconds."""
        give_up = time.monotonic() + seconds
        while not condition():
            self.check()
            if time.monotonic() > give_up:
                raise DemoFailed(f"Waited {seconds:.0f} seconds in vain for {what}.")
            time.sleep(SECONDS_BETWEEN_LOOKS)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the process itself to end, and only then end all that it started.

    A queue cluster hangs when its workers get the signal as well.
    """
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_STOP)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
