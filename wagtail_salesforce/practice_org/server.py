"""The HTTP server: threads, keep-alive, TLS if asked for, on the loopback address only."""

import argparse
import os
import socket
import ssl
import sys
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

from .app import Dropped, PracticeApp
from .org import Org
from .page_access import access_lines
from .shapes import SHAPES
from .store import Store


HOST = "127.0.0.1"
DEFAULT_PORT = 8800
DEFAULT_STATE = "practice_org.sqlite3"
NO_BODY = frozenset({204, 304})


class Handler(WSGIRequestHandler):
    """Answers requests one after the other on a connection that stays open.

    werkzeug's own handler closes the connection after each answer; a Salesforce client keeps it.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        """Read the request in full, let the application answer, send it in one piece."""
        if self.headers.get("Expect", "").lower().strip() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        self.environ = environ = self.make_environ()
        environ["wsgi.input"] = BytesIO(self._body(environ))
        environ["wsgi.input_terminated"] = True
        started: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            started.update(status=status, headers=headers)
            return lambda _: None

        try:
            body = b"".join(self.server.app(environ, start_response))
        except Dropped as dropped:
            self._drop(dropped.part)
            return
        self._send(started["status"], started["headers"], body)

    def _body(self, environ: dict[str, Any]) -> bytes:
        if environ.get("wsgi.input_terminated"):
            return bytes(environ["wsgi.input"].read())
        length = self.headers.get("Content-Length") or "0"
        return self.rfile.read(int(length)) if length.isdigit() else b""

    def _send(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and int(code) not in NO_BODY:
            self.wfile.write(body)
        self.wfile.flush()

    def _drop(self, part: bytes) -> None:
        """Cut the connection, perhaps in the middle of an answer."""
        if part:
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(part) * 2 + 1}\r\n\r\n"
            self.wfile.write(head.encode() + part)
            self.wfile.flush()
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The org keeps its own log of calls; the terminal stays quiet."""

    def version_string(self) -> str:
        """The server's name."""
        return "practice-org"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that both ways of starting understand."""
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes any free port")
    parser.add_argument("--tls", action="store_true", help="serve https with an own certificate")
    parser.add_argument("--state", default=DEFAULT_STATE, help="the file to keep the org in")
    parser.add_argument(
        "--callback", action="append", default=[], help="a registered callback URL (repeatable)"
    )
    parser.add_argument(
        "--shape",
        action="append",
        default=[],
        choices=list(SHAPES),
        help="give the org a shape that real ones have (repeatable)",
    )
    parser.add_argument("--jwt-certificate", help="PEM file to check JWT bearer assertions with")
    parser.add_argument("--watch-stdin", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> None:
    """Serve until interrupted."""
    initial: dict[str, Any] = {"callbacks": list(arguments.callback), "shape": arguments.shape}
    if arguments.jwt_certificate:
        initial["jwt_public_key"] = Path(arguments.jwt_certificate).read_text(encoding="ascii")
    with _listening(arguments.port) as listener:
        scheme = "https" if arguments.tls else "http"
        base_url = f"{scheme}://{HOST}:{listener.getsockname()[1]}"
        org = Org(base_url, Store(arguments.state), initial)
        context, ca_path = _tls(arguments) if arguments.tls else (None, None)
        server = _server(org, listener, context)
        _announce(base_url, ca_path, for_people=not arguments.watch_stdin)
        if arguments.watch_stdin:
            threading.Thread(target=_stop_with_parent, args=(server,), daemon=True).start()
        try:
            server.serve_forever(poll_interval=0.05)
        finally:
            with org.lock:
                org.commit()
                org.store.close()


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _server(org: Org, listener: socket.socket, context: ssl.SSLContext | None) -> BaseWSGIServer:
    port = listener.getsockname()[1]
    return ThreadedWSGIServer(
        HOST, port, PracticeApp(org), Handler, ssl_context=context, fd=listener.fileno()
    )


def _tls(arguments: argparse.Namespace) -> tuple[ssl.SSLContext, Path]:
    from .certificates import server_context  # Here, because plain http starts faster without.

    return server_context(arguments.state)


def _announce(base_url: str, ca_path: Path | None, *, for_people: bool) -> None:
    """Say where the org is; a program that started it reads these lines and no others."""
    lines = [f"Practice org ready at {base_url}"]
    if ca_path is not None:
        lines.append(f"CA certificate: {ca_path}")
    if for_people:
        lines += access_lines()
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _stop_with_parent(server: BaseWSGIServer) -> None:
    """End when whoever started the org closes its standard input, or is gone."""
    while os.read(sys.stdin.fileno(), 1024):
        continue
    server.shutdown()
