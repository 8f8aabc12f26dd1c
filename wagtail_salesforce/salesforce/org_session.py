"""A guarded session with the access token of one org."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import requests
from django.utils.translation import gettext
from requests.auth import AuthBase

from wagtail_salesforce.exceptions import ConnectorError, NotAuthorized, Transient
from wagtail_salesforce.salesforce.errors import is_session_refused, read_fault, to_error
from wagtail_salesforce.salesforce.given import ONE_WORD
from wagtail_salesforce.salesforce.hosts import HostRules
from wagtail_salesforce.salesforce.limits import Meter, Usage, parse_limit_info
from wagtail_salesforce.salesforce.transport import GuardedSession


class Bearer(AuthBase):
    """The access token as a header. Given as `auth`, so that no .netrc file can replace it."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if not ONE_WORD.fullmatch(self.token):
            raise NotAuthorized(gettext("The access token holds a character that no token has."))
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class OrgSession(GuardedSession):
    """Adds the token, renews it once when it is refused, reads usage, raises our exceptions.

    Errors become exceptions here, where the whole answer with its headers is at hand;
    simple-salesforce keeps only its status and body. Several threads may share a session: of
    a burst of refused calls one renews the token and all repeat with the new one.
    """

    def __init__(
        self,
        rules: HostRules,
        base_url: str,
        access_token: str,
        *,
        refresh: Callable[[str], str] | None = None,
        on_usage: Callable[[Usage], None] | None = None,
        on_refused: Callable[[str], None] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rules, base_url, **kwargs)
        self.token = access_token
        self.meter = Meter()
        self._refresh = refresh
        self._on_usage = on_usage
        self._on_refused = on_refused
        self._renewing = threading.Lock()
        #: Raised is what this makes of an error.
        self.wording: Callable[[ConnectorError], ConnectorError] | None = None

    def request(  # type: ignore[override]
        self, method: str, url: str, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send; raises Stopped, NotAuthorized, Transient or RequestRefused.

        Returns an answer of status 2xx or 304.
        """
        try:
            return self._request(method, url, args, kwargs)
        except ConnectorError as error:
            if self.wording is None:
                raise
            raise self.wording(error) from None

    def _request(
        self, method: str, url: str, args: Any, kwargs: dict[str, Any]
    ) -> requests.Response:
        token = self.token
        rewind = _place(kwargs.get("data"))
        response = self._send(method, url, token, args, kwargs)
        if self._is_refused(response):
            token = self._renewed(token)
            rewind()
            response = self._send(method, url, token, args, kwargs)
            if self._is_refused(response):
                self._give_up(token)
        if response.status_code >= 300 and response.status_code != 304:
            raise to_error(_fault(response))
        return response

    def _send(
        self, method: str, url: str, token: str, args: Any, kwargs: dict[str, Any]
    ) -> requests.Response:
        if "/services/data/v" not in url:
            return super().request(method, url, *args, **{**kwargs, "auth": Bearer(token)})
        begun = self.meter.begin()
        try:
            response = super().request(method, url, *args, **{**kwargs, "auth": Bearer(token)})
            self._note_usage(response.headers.get("Sforce-Limit-Info"), begun)
        finally:
            self.meter.end()
        return response

    def _note_usage(self, header: str | None, begun: int) -> None:
        usage = parse_limit_info(header)
        if usage is None:
            return
        self.meter.told(usage, begun)
        if self._on_usage:
            self._on_usage(usage)

    def _is_refused(self, response: requests.Response) -> bool:
        return response.status_code in (401, 403) and is_session_refused(_fault(response))

    def _renewed(self, refused_token: str) -> str:
        if self._refresh is None:
            raise NotAuthorized
        with self._renewing:
            if self.token == refused_token:
                try:
                    self.token = self._refresh(refused_token)
                except Transient as error:
                    # The call itself was refused, so that even an insert may be repeated.
                    error.untouched = True
                    raise
            return self.token

    def _give_up(self, token: str) -> None:
        if self._on_refused:
            self._on_refused(token)
        raise NotAuthorized


def _place(data: Any) -> Callable[[], None]:
    """Goes back to where the reading of an uploaded file began; does nothing for other data."""
    if not hasattr(data, "seek"):
        return lambda: None
    start = data.tell()
    return lambda: data.seek(start)


def _fault(response: requests.Response) -> Any:
    return read_fault(response.status_code, response.headers, response.content)
