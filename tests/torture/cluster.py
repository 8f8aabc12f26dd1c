"""A real django-q2 cluster, a Redis server of our own, and a supervisor that starts them again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.torture.processes import REPLICATOR


class Cluster:
    """`manage.py qcluster` of the name that serves the package, in a process group of its own."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self.starts = 0
        self.start()

    def start(self) -> None:
        """Start it, as a supervisor does."""
        self.starts += 1
        named = {"Q_CLUSTER_NAME": "salesforce", "PGAPPNAME": REPLICATOR}
        with self.output.open("a") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "django", "qcluster"],
                stdout=file,
                stderr=file,
                env={**os.environ, **named},
                start_new_session=True,
            )

    def kill(self) -> None:
        """`kill -9` of what there still is of the cluster."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def restart(self) -> None:
        """Kill it and start it again."""
        self.kill()
        self.start()

    def stop(self, seconds: float) -> bool:
        """Ask it to stop, as a deployment does; whether it did."""
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return True

    def processes(self) -> list[int]:
        """The ids of its processes without the first one."""
        group = self.process.pid
        return [pid for pid in _all_processes() if _group(pid) == group and pid != group]


def _all_processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


class Redis:
    """A Redis server of our own, which keeps nothing over a restart."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    @staticmethod
    def missing() -> str:
        """Why there can be none; empty when there can."""
        try:
            import redis  # noqa: F401
        except ImportError:
            return "the package redis is not installed"
        return "" if shutil.which("redis-server") else "the program redis-server is not installed"

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    raise
                time.sleep(0.02)

    def kill(self) -> None:
        """`kill -9`: what waits in it is lost."""
        self.process.kill()
        self.process.wait()
