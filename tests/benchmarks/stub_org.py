"""An org that answers at once and agrees to everything, so that only the sender's time counts.

    with stub_org(latency=0.25) as url: ...

It knows Collections, Composite and the ingest of Bulk API 2.0, in a process of its own. It checks
nothing: what is right is shown by the tests, against the practice org.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any

import orjson


@contextmanager
def stub_org(latency: float = 0.0, job_seconds: float = 0.0) -> Iterator[str]:
    """The address of a running stub org whose every answer takes `latency` seconds, and every Bulk
    job `job_seconds` from its closing on."""
    command = [sys.executable, "-m", "tests.benchmarks.stub_org", "--latency", str(latency)]
    command += ["--job-seconds", str(job_seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


class Org:
    """What the threads share."""

    latency = 0.0
    calls = 0
    ids = itertools.count(1)
    jobs: dict[str, Path] = {}
    #: How many rows each job has.
    rows: dict[str, int] = {}
    #: When each job is done (`time.monotonic()`).
    done_at: dict[str, float] = {}
    job_seconds = 0.0
    folder: Path


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def do_POST(self) -> None:
        if self.path.endswith("/composite"):
            parts = orjson.loads(self.body())["compositeRequest"]
            self.answer({"compositeResponse": [_part(part) for part in parts]})
        else:
            self.body()
            job = f"750{next(Org.ids):015}"
            self.answer({"id": job, "state": "Open"})

    def do_PATCH(self) -> None:
        body = orjson.loads(self.body())
        if "/jobs/ingest/" in self.path:
            Org.done_at[self.job()] = time.monotonic() + Org.job_seconds
            self.answer({"id": self.job(), "state": "UploadComplete"})
        else:
            self.answer(_saved(body["records"]))

    def do_PUT(self) -> None:
        Org.jobs[self.job()] = _results(self.job(), self.rfile, self.length())
        self.answer(None, 201)

    def do_GET(self) -> None:
        if self.path == "/calls":
            self.answer(Org.calls)
        elif self.path.endswith("successfulResults"):
            self.send_file(Org.jobs[self.job()])
        elif "/jobs/ingest/" in self.path and not self.path.endswith(self.job()):
            self.send(b'"sf__Id","sf__Error"\n', "text/csv")
        else:
            self.answer(_done(self.job()))

    def job(self) -> str:
        return self.path.partition("/jobs/ingest/")[2].partition("/")[0]

    def length(self) -> int:
        return int(self.headers.get("Content-Length") or 0)

    def body(self) -> bytes:
        return self.rfile.read(self.length())

    def answer(self, document: Any, status: int = 200) -> None:
        self.send(orjson.dumps(document), "application/json", status)

    def send(self, body: bytes, kind: str, status: int = 200) -> None:
        self.start(len(body), kind, status)
        self.wfile.write(body)
        self.wfile.flush()

    def send_file(self, path: Path) -> None:
        self.start(path.stat().st_size, "text/csv; charset=utf-8")
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                self.wfile.write(piece)
        self.wfile.flush()

    def start(self, length: int, kind: str, status: int = 200) -> None:
        if self.path != "/calls":
            Org.calls += 1
            time.sleep(Org.latency)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.send_header("Sforce-Limit-Info", f"api-usage={Org.calls}/100000000")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Nothing is written: it would be measured."""


def _part(part: dict[str, Any]) -> dict[str, Any]:
    return {
        "body": _saved(part["body"]["records"]),
        "httpHeaders": {},
        "httpStatusCode": 200,
        "referenceId": part["referenceId"],
    }


def _saved(records: list[Any]) -> list[dict[str, Any]]:
    return [
        {"id": f"00Q{number:015}", "success": True, "errors": [], "created": True}
        for number in itertools.islice(Org.ids, len(records))
    ]


def _done(job: str) -> dict[str, Any]:
    """A job whose rows are all saved, or none yet."""
    if time.monotonic() < Org.done_at[job]:
        none = {"numberRecordsProcessed": 0, "numberRecordsFailed": 0}
        return {"id": job, "state": "InProgress", **none}
    processed = {"numberRecordsProcessed": Org.rows[job], "numberRecordsFailed": 0}
    return {"id": job, "state": "JobComplete", **processed}


def _results(job: str, body: IO[bytes], length: int) -> Path:
    """The file of the rows that succeeded: all, as they come, no value holding a line break."""
    path, lines = Org.folder / job, 0
    with path.open("wb") as file:
        while length > 0:
            line = body.readline()
            length -= len(line)
            number = next(Org.ids) if lines else 0
            file.write(b'"00Q%015d","true",' % number if lines else b'"sf__Id","sf__Created",')
            file.write(line)
            lines += 1
    Org.rows[job] = max(0, lines - 1)
    return path


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--latency", type=float, default=0.0)
    options.add_argument("--job-seconds", type=float, default=0.0)
    given = options.parse_args()
    Org.latency, Org.job_seconds = given.latency, given.job_seconds
    with tempfile.TemporaryDirectory() as folder, Server(("127.0.0.1", 0), Handler) as server:
        Org.folder = Path(folder)
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


def calls(url: str) -> int:
    """How many calls a stub org has answered."""
    import requests

    return int(json.loads(requests.get(f"{url}/calls", timeout=10).content))


if __name__ == "__main__":
    main()
