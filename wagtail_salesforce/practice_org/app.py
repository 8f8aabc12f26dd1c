"""The WSGI application: one door for REST, OAuth, the control endpoints and the web page."""

import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request

from . import oauth_token
from .altered import altered
from .calls import LoggedCall, open_headers
from .control_api import control
from .errors import ApiError
from .faults import (
    ALTERING_KINDS,
    CONNECTION_KINDS,
    EDGE_KINDS,
    HTML_PAGES,
    Fault,
    edge_error,
)
from .html import stylesheet
from .identity import identity, revoke, userinfo
from .incoming import Incoming, make_response, read_request
from .moments import format_moment
from .oauth_authorize import authorize, decide, log_in
from .oauth_request import OAuthRequest
from .org import Org
from .page_actions import act
from .pages import dashboard
from .rest import answer_rest
from .same_origin import check_local, check_same_origin
from .wire import HTML, Answer, Body, Call, split_path, unpack


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)
ANSWER_KINDS = EDGE_KINDS | CONNECTION_KINDS | ALTERING_KINDS


class Dropped(ConnectionError):
    """The connection is to be cut without an answer, or in the middle of one."""

    def __init__(self, part: bytes = b"") -> None:
        super().__init__("dropped on request")
        self.part = part


class PracticeApp:
    """The org as a WSGI application."""

    def __init__(self, org: Org) -> None:
        self.org = org

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        incoming = read_request(Request(environ))
        answer = self._answer(incoming)
        return make_response(incoming, answer)(environ, start_response)

    def _answer(self, incoming: Incoming) -> Answer:
        """The answer, which is never a traceback."""
        try:
            if incoming.path.startswith("/services/") or incoming.path.startswith("/id/"):
                return self._service(incoming)
            with self.org.lock:
                answer = self._own(incoming)
                self.org.commit()
                return answer
        except ApiError as refused:
            return Answer(refused.status, refused.body())
        except Dropped:
            raise
        except Exception:
            with self.org.lock:
                # Nothing of a call that broke down may reach the file with the next one.
                self.org.tables.roll_back(0)
            logger.exception("%s %s", incoming.method, incoming.path)
            broken = edge_error(Fault("server_error"))
            return Answer(broken.status, broken.body())

    def _own(self, incoming: Incoming) -> Answer:
        """The control endpoints, the web page and the login pages."""
        check_local(incoming.peer, incoming.headers.get("host", ""))
        segments = split_path(incoming.path)
        if segments[:2] == ["practice", "control"]:
            check_same_origin(self.org, incoming.headers, required=False)
            return control(self.org, incoming.method, segments[2:], incoming.raw)
        if incoming.method == "POST":
            check_same_origin(self.org, incoming.headers, required=True)
        return self._page(incoming, segments)

    def _page(self, incoming: Incoming, segments: list[str]) -> Answer:
        request = self._oauth_request(incoming)
        match incoming.method, segments:
            case "GET" | "HEAD", []:
                return dashboard(self.org, incoming.query)
            case "GET" | "HEAD", ["practice", "static", "practice.css"]:
                return stylesheet()
            case "POST", ["practice", "login"]:
                return log_in(request)
            case "POST", ["practice", "consent"]:
                return decide(request)
            case "POST", ["practice", "actions", *names]:
                return act(self.org, names, incoming.form, incoming.headers.get("referer", ""))
        return Answer(404, "Not found", content_type="text/plain; charset=utf-8")

    def _service(self, incoming: Incoming) -> Answer:
        """A call of a client, with whatever fault is armed for it."""
        if incoming.path.rstrip("/") == "/services/oauth2/token":
            with oauth_token.one_refresh_at_a_time(self.org, incoming.form) as free:
                return self._faulty(incoming) if free else self._busy(incoming)
        return self._faulty(incoming)

    def _busy(self, incoming: Incoming) -> Answer:
        with self.org.lock:
            answer = oauth_token.busy()
            self._log(incoming, answer, 0, False, None)
            self.org.commit()
        return answer

    def _faulty(self, incoming: Incoming) -> Answer:
        target = incoming.uri
        with self.org.lock:
            delay = self.org.faults.strike({"delay"}, target)
            resets = self.org.resets
        if delay is not None:
            # Outside the lock: other calls go on meanwhile.
            time.sleep(delay.seconds)
        with self.org.lock:
            if resets != self.org.resets:
                # Nothing begun before a reset reaches into the new org.
                raise Dropped
            struck = self.org.faults.strike(ANSWER_KINDS, target)
            answer = self._process(incoming, struck)
            self.org.commit()
        return answer

    def _process(self, incoming: Incoming, fault: Fault | None) -> Answer:
        if fault is None:
            self._expire(incoming)
        elif fault.kind in EDGE_KINDS or fault.kind == "drop_before":
            return self._struck(incoming, fault)
        answer, rows, counted = self._handle(incoming)
        self._log(incoming, answer, rows, counted, fault)
        if fault is not None and fault.kind in ALTERING_KINDS:
            return altered(fault, answer)
        if fault is not None:
            self.org.commit()
            payload = answer.payload()
            raise Dropped(payload[: len(payload) // 2] if fault.kind == "truncate" else b"")
        return answer

    def _expire(self, incoming: Incoming) -> None:
        """Expire the very token of this call, if that fault is armed."""
        if self.org.faults.strike({"expire_session"}, incoming.uri):
            self.org.tokens.close_session(incoming.headers.get("authorization", "")[7:].strip())

    def _struck(self, incoming: Incoming, fault: Fault) -> Answer:
        """The answer of a fault that keeps the call from being processed."""
        answer = _fault_answer(fault)
        self._log(incoming, answer, 0, False, fault)
        if fault.kind == "drop_before":
            self.org.commit()
            raise Dropped
        return answer

    def _handle(self, incoming: Incoming) -> tuple[Answer, int, bool]:
        """The answer, the rows it was about and whether it counts against the allowance."""
        segments = split_path(incoming.path)
        if segments[:2] == ["services", "data"]:
            call = self._call(incoming)
            answer, counted = answer_rest(call, segments, incoming.uri)
            return answer, call.rows, counted
        try:
            return self._oauth(incoming, segments), 0, False
        except ApiError as refused:
            return Answer(refused.status, refused.body()), 0, False

    def _call(self, incoming: Incoming) -> Call:
        raw = unpack(incoming.raw, incoming.headers.get("content-encoding"))
        return Call(
            org=self.org,
            method=incoming.method,
            path=incoming.path,
            query=incoming.query,
            headers=incoming.headers,
            body=Body(raw),
        )

    def _oauth(self, incoming: Incoming, segments: list[str]) -> Answer:
        request = self._oauth_request(incoming)
        match incoming.method, segments:
            case "GET" | "HEAD", ["services", "oauth2", "authorize"]:
                return authorize(request)
            case "POST", ["services", "oauth2", "token"]:
                return oauth_token.token(request)
            case "POST", ["services", "oauth2", "revoke"]:
                return revoke(request)
            case "GET" | "HEAD" | "POST", ["services", "oauth2", "userinfo"]:
                return userinfo(request)
            case "GET" | "HEAD" | "POST", ["id", org_id, user_id]:
                return identity(request, org_id, user_id)
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")

    def _oauth_request(self, incoming: Incoming) -> OAuthRequest:
        return OAuthRequest(
            self.org,
            incoming.method,
            incoming.path,
            incoming.query,
            incoming.form,
            incoming.headers,
        )

    def _log(
        self, incoming: Incoming, answer: Answer, rows: int, counted: bool, fault: Fault | None
    ) -> None:
        dropped = fault is not None and fault.kind in CONNECTION_KINDS
        self.org.calls.add(
            LoggedCall(
                method=incoming.method,
                path=incoming.uri,
                status=0 if dropped else answer.status,
                counted=counted,
                when=format_moment(self.org.clock.now()),
                headers=open_headers(incoming.headers),
                rows=rows,
                fault=fault.kind if fault else None,
            )
        )


def _fault_answer(fault: Fault) -> Answer:
    if fault.kind == "drop_before":
        return Answer(0)
    if fault.kind in HTML_PAGES:
        status, text = HTML_PAGES[fault.kind]
        document = (
            f"<!DOCTYPE html><html><head><title>{text}</title></head><body>{text}</body></html>"
        )
        return Answer(status, document, content_type=HTML)
    if fault.kind == "login_rate_limit":
        # Assumption login-rate-limit: the text; the code is documented.
        body = {
            "error": "rate_limit_exceeded",
            "error_description": "number of login attempts exceeded",
        }
        return Answer(400, body)
    refused = edge_error(fault)
    return Answer(refused.status, refused.body())
