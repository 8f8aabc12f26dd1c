"""Start a practice org and work its controls: for tests and the demo.

Only the standard library is used here::

    with PracticeOrg.start(callbacks=["http://127.0.0.1:8000/callback"]) as org:
        org.fault("server_unavailable", count=1)
        ...
        assert org.leads()[0]["LastName"] == "Ada"
"""

import json
import re
import ssl
from collections.abc import Iterable
from datetime import datetime
from html import unescape
from types import TracebackType
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from .process import OrgProcess, PracticeOrgError


CLIENT_ID = "practice-consumer-key"
CLIENT_SECRET = "practice-consumer-secret"  # noqa: S105 (a made-up app)
USERNAME = "ana@practice.example"
PASSWORD = "practice"  # noqa: S105 (a made-up person)
Lead = dict[str, Any]


class PracticeOrg:
    """A running practice org."""

    CLIENT_ID = CLIENT_ID
    CLIENT_SECRET = CLIENT_SECRET
    USERNAME = USERNAME
    PASSWORD = PASSWORD

    def __init__(
        self,
        url: str,
        *,
        ca_file: str | None = None,
        process: OrgProcess | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.ca_file = ca_file
        self._process = process
        context = ssl.create_default_context(cafile=ca_file) if ca_file else None
        self._opener = build_opener(HTTPSHandler(context=context), _NoRedirect())

    @classmethod
    def start(
        cls,
        *,
        callbacks: Iterable[str] = (),
        state: str = ":memory:",
        tls: bool = False,
        port: int = 0,
        jwt_certificate: str | None = None,
        shape: Iterable[str] = (),
    ) -> "PracticeOrg":
        """Start an org in a process of its own and wait until it is ready."""
        options = ["--port", str(port), "--state", str(state)]
        options += [part for url in callbacks for part in ("--callback", url)]
        options += [part for name in shape for part in ("--shape", name)]
        options += ["--tls"] if tls else []
        options += ["--jwt-certificate", jwt_certificate] if jwt_certificate else []
        process = OrgProcess(options)
        return cls(process.url, ca_file=process.ca_file, process=process)

    def stop(self) -> None:
        """End the process, if this object started it."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def __enter__(self) -> "PracticeOrg":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # The org as a whole

    def reset(self) -> None:
        """Back to a new org: no leads, no calls, no tokens, real time, seeded schema."""
        self._control("POST", "reset")

    def options(self, **changes: Any) -> dict[str, Any]:
        """Set options (none: just read them); answers all of them."""
        found: dict[str, Any] = self._control("POST", "options", changes)
        return found

    def advance(self, seconds: float) -> datetime:
        """Move the org's time forward."""
        return self._clock(advance=seconds)

    def set_clock(self, moment: datetime) -> datetime:
        """Make it this moment (an aware datetime) in the org."""
        return self._clock(set=moment.isoformat())

    def freeze_clock(self, frozen: bool = True) -> datetime:
        """Stop the org's clock, or let it run on."""
        return self._clock(freeze=frozen)

    def now(self) -> datetime:
        """The org's time."""
        return self._clock()

    def _clock(self, **change: Any) -> datetime:
        return datetime.fromisoformat(self._control("POST", "clock", change)["now"])

    # Leads

    def leads(self, include_deleted: bool = False) -> list[Lead]:
        """All leads with all their fields, the oldest first."""
        leads: list[Lead] = self._control("GET", "leads")
        return [lead for lead in leads if include_deleted or not lead["IsDeleted"]]

    def count_leads(self) -> int:
        """How many living leads there are, without fetching them."""
        count: int = self._control("GET", "leads/count")["leads"]
        return count

    def convert(self, lead_id: str) -> Lead:
        """Convert a lead, as a salesperson would."""
        return self._lead(lead_id, "convert")

    def delete(self, lead_id: str) -> Lead:
        """Move a lead to the recycle bin."""
        return self._lead(lead_id, "delete")

    def undelete(self, lead_id: str) -> Lead:
        """Take a lead out of the recycle bin."""
        return self._lead(lead_id, "undelete")

    def merge(self, lead_id: str, *, into: str) -> Lead:
        """Merge a lead away into another."""
        return self._lead(lead_id, "merge", {"into": into})

    def change(self, lead_id: str, **fields: Any) -> Lead:
        """Change fields of a lead by hand."""
        return self._lead(lead_id, "change", fields)

    def _lead(self, lead_id: str, action: str, values: dict[str, Any] | None = None) -> Lead:
        lead: Lead = self._control("POST", f"leads/{quote(lead_id, safe='')}/{action}", values)
        return lead

    # Calls and the allowance

    def calls(self, counted: bool | None = None, path: str | None = None) -> list[dict[str, Any]]:
        """The calls answered: all, those (not) counted, those whose path holds a text."""
        return [
            call
            for call in self._control("GET", "calls")
            if (counted is None or call["counted"] is counted)
            and (path is None or path in call["path"])
        ]

    def clear_calls(self) -> None:
        """Forget the log of calls (the allowance stays as it is)."""
        self._control("DELETE", "calls")

    def set_allowance(self, max: int | None = None, used: int | None = None) -> dict[str, int]:
        """Set the daily calls there are and those that are spent, as of now."""
        given = {"max": max, "used": used}
        change = {name: value for name, value in given.items() if value is not None}
        found: dict[str, int] = self._control("POST", "allowance", change)
        return found

    # What goes wrong

    def fault(self, kind: str, **settings: Any) -> None:
        """Arm a fault: ``count``, ``path``, ``seconds``, ``external_ids``, ``probability`` …"""
        self._control("POST", "faults", {"kind": kind, **settings})

    def faults_armed(self) -> int:
        """How many faults are still to strike."""
        return len(self._control("GET", "faults"))

    def clear_faults(self) -> None:
        """Disarm all faults."""
        self._control("DELETE", "faults")

    def expire_tokens(self) -> None:
        """Expire all access tokens."""
        self._control("POST", "tokens/expire")

    def revoke_tokens(self) -> None:
        """Revoke all refresh tokens and access tokens."""
        self._control("POST", "tokens/revoke")

    # The schema

    def add_field(self, object: str, **attributes: Any) -> dict[str, Any]:
        """Add a field to an object, or alter the one of that name."""
        path = f"schema/{quote(object, safe='')}/fields"
        added: dict[str, Any] = self._control("POST", path, attributes)
        return added

    def remove_field(self, object: str, name: str) -> None:
        """Delete a field of an object."""
        path = f"schema/{quote(object, safe='')}/fields/{quote(name, safe='')}"
        self._control("DELETE", path)

    def shape(self, *names: str) -> list[str]:
        """Give the org the fields of these shapes (none: of the plain org); answers the names."""
        shapes: list[str] = self.options(shape=list(names))["shape"]
        return shapes

    # OAuth by a person

    def authorize(
        self,
        url: str,
        *,
        username: str = USERNAME,
        password: str = PASSWORD,
        allow: bool = True,
    ) -> str:
        """Do what a person does at an authorize URL: log in, then Allow or Deny.

        Returns where the org redirects to in the end: the callback with ``code`` or ``error``.
        """
        status, headers, text = self._open("GET", url)
        if status == 302:
            return headers["Location"]
        key = _hidden(text)
        person = {"request": key, "username": username, "password": password}
        status, _, text = self._post_form("/practice/login", person)
        if status != 200:
            raise PracticeOrgError(f"The org does not log {username} in: {_plain(text)}")
        decision = {"request": _hidden(text), "decision": "allow" if allow else "deny"}
        _, headers, _ = self._post_form("/practice/consent", decision)
        return headers["Location"]

    def client_credentials_token(self) -> dict[str, Any]:
        """A token answer by the client credentials flow, for quick tests."""
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        _, _, text = self._post_form("/services/oauth2/token", form)
        answer: dict[str, Any] = json.loads(text)
        return answer

    # The wire

    def _post_form(self, path: str, form: dict[str, str]) -> tuple[int, Any, str]:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.url}
        return self._open("POST", self.url + path, urlencode(form).encode(), headers)

    def _control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = json.dumps(body or {}).encode() if method == "POST" else None
        url = f"{self.url}/practice/control/{path}"
        headers = {"Content-Type": "application/json"}
        status, _, text = self._open(method, url, data, headers)
        if status != 200:
            raise PracticeOrgError(f"{method} {path}: {status} {text}")
        return json.loads(text)

    def _open(
        self,
        method: str,
        url: str,
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any, str]:
        request = Request(url, data, headers or {}, method=method)  # noqa: S310 (the org's own URL)
        try:
            with self._opener.open(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.headers, error.read().decode()


class _NoRedirect(HTTPRedirectHandler):
    """Leaves redirects to the caller."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _hidden(text: str) -> str:
    match = re.search(r'name="request" value="([^"]+)"', text)
    if match is None:
        raise PracticeOrgError(f"The org shows no login or consent form: {_plain(text)}")
    return match[1]


def _plain(text: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]*>", " ", text).split()))
