"""Where the demonstration takes place: its folder, its ports and its three servers."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import requests

from example_site.demo.processes import HOST, Children, DemoFailed, free_port
from wagtail_salesforce.practice_org.control import PracticeOrg


MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
OURS = ("logs", "mail", "media", "org", "site.sqlite3*")
SECONDS_TO_START = 60
SECONDS_FOR_A_COMMAND = 300


class Stage:
    """The folder and the ports, and what runs there."""

    def __init__(self, var: Path, ports: tuple[int, int], say: Callable[[str], None]) -> None:
        self.var, self.say = var, say
        self.lock = _take(var / "demo.lock")
        self.port = self._port("site", ports[0])
        self.org_port = self._port("practice org", ports[1], besides=self.port)
        self.children = Children(var / "logs")

    @property
    def site(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def org_address(self) -> str:
        return f"http://{HOST}:{self.org_port}"

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the demonstration is started with."""
        return {**os.environ, "EXAMPLE_SITE_VAR": str(self.var), "EXAMPLE_SITE_URL": self.site}

    def clear(self) -> None:
        """Forget a former demonstration. Nothing but its own files is removed."""
        for path in (path for pattern in OURS for path in self.var.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def prepare(self) -> None:
        for name in ("logs", "org"):
            (self.var / name).mkdir(exist_ok=True)

    def manage(self, *arguments: str, **more: str) -> str:
        """Run a management command to its end; its output."""
        done = subprocess.run(  # noqa: S603 - our own commands
            [sys.executable, str(MANAGE), *arguments],
            env=self.environment | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS_FOR_A_COMMAND,
        )
        if done.returncode:
            said = (done.stderr + done.stdout).strip()
            raise DemoFailed(f"manage.py {' '.join(arguments[:2])} failed:\n{said}")
        return done.stdout

    def start_org(self) -> PracticeOrg:
        """Start the practice org, which lets this site's admin authorize itself."""
        state = self.var / "org" / "practice_org.sqlite3"
        self._serve(
            "practice org",
            "salesforce_practice_org",
            f"--port={self.org_port}",
            f"--state={state}",
        )
        self._wait_for("practice org", self.org_address)
        org = PracticeOrg(self.org_address)
        hosts = (self.site, f"http://localhost:{self.port}")
        org.options(callbacks=[f"{host}/admin/salesforce/callback/" for host in hosts])
        return org

    def start_site(self) -> None:
        self._serve("site", "runserver", "--noreload", f"{HOST}:{self.port}")
        self._wait_for("site", self.site)

    def start_cluster(self) -> None:
        self._serve("queue", "qcluster", Q_CLUSTER_NAME="salesforce")

    def _serve(self, name: str, *arguments: str, **more: str) -> None:
        command = [sys.executable, str(MANAGE), *arguments]
        self.children.start(name.replace(" ", "-"), command, self.environment | more)

    def _wait_for(self, name: str, address: str) -> None:
        def answers() -> bool:
            try:
                return requests.get(address, timeout=10).ok
            except requests.ConnectionError:
                return False

        self.children.wait_until(answers, f"the {name} to answer", SECONDS_TO_START)

    def _port(self, name: str, preferred: int, besides: int | None = None) -> int:
        port = free_port(preferred, besides)
        if port != preferred:
            self.say(f"Port {preferred} is taken, so the {name} takes {port}.")
        return port


def _take(path: Path) -> IO[str]:
    """Hold this folder's lock for as long as the process lives."""
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise DemoFailed(
            f"A demonstration is running in {path.parent} already. Stop it first, or set "
            "EXAMPLE_SITE_VAR to another folder."
        ) from None
    return lock
