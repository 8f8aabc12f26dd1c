"""A practice org in a process of its own: start it, wait until it is ready, end it."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path


PACKAGE = "wagtail_salesforce.practice_org"
READY = re.compile(r"Practice org ready at (https?://\S+)")
CA = re.compile(r"CA certificate: (.+)")
START_SECONDS = 20.0
STOP_SECONDS = 5.0


class PracticeOrgError(RuntimeError):
    """The practice org did not start, or refused a control request."""


class OrgProcess:
    """The running process; it also ends by itself when this one is gone."""

    def __init__(self, options: Sequence[str]) -> None:
        self._process = _spawn([*options, "--watch-stdin"])
        try:
            self.url = self._expect(READY)
            self.ca_file = self._expect(CA) if "--tls" in options else None
        except PracticeOrgError:
            self.end()
            raise

    def end(self) -> None:
        """End the process, by force if need be."""
        process = self._process
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def _expect(self, pattern: re.Pattern[str]) -> str:
        """The wanted part of the next line the org prints."""
        line = self._line()
        match = pattern.fullmatch(line.strip())
        if match is None:
            raise PracticeOrgError(f"The practice org did not start: {line!r}")
        return match[1]

    def _line(self) -> str:
        output = self._process.stdout
        assert output is not None
        # An org that hangs is killed, which ends the line.
        timer = threading.Timer(START_SECONDS, self._process.kill)
        timer.start()
        try:
            return output.readline().decode()
        finally:
            timer.cancel()


def _spawn(options: Sequence[str]) -> "subprocess.Popen[bytes]":
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return subprocess.Popen(  # noqa: S603 (no shell, fixed program)
        [sys.executable, "-m", PACKAGE, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
