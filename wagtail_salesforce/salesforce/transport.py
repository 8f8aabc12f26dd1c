"""The HTTP session under everything we say to Salesforce."""

from __future__ import annotations

import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from django.utils.translation import gettext
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError
from urllib3.util import Retry

from wagtail_salesforce.exceptions import ConnectorError, Stopped, Transient
from wagtail_salesforce.salesforce.hosts import HostRules


#: Seconds to wait for the connection, and between two pieces of the answer.
TIMEOUT = (10.0, 120.0)

#: Idle connections kept per host: more than the most calls that may be in flight.
POOL_SIZE = 16

# Only a connection that was never made is tried again here; nothing was sent over it.
_CONNECT_TWICE = Retry(
    total=1,
    connect=1,
    read=False,
    redirect=False,
    status=False,
    other=False,
    backoff_factor=0.2,
    # Else urllib3 would take a 503 with Retry-After for its own business, and hide it from us.
    respect_retry_after_header=False,
)


class GuardedSession(requests.Session):
    """A requests session that speaks to permitted hosts only.

    Always with timeouts, with verified TLS, without following redirects or keeping cookies.
    `base_url` is the login address or the instance URL: when it is plain http on a permitted
    loopback address, calls to `https://` of the same host go there in plain too, because
    simple-salesforce and oauthlib know no other scheme.

    Raises AuthorizationFailed("host_not_allowed"), Transient for a lost or refused connection
    and Stopped("certificate_refused").
    """

    def __init__(
        self,
        rules: HostRules,
        base_url: str,
        *,
        ca_bundle: str | None = None,
        timeout: tuple[float, float] = TIMEOUT,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        base = rules.check(base_url)
        self._rules = rules
        self._permitted = {base.origin}
        self._plain = f"https://{base.netloc}" if base.scheme == "http" else None
        self._timeout = timeout
        self._ca_bundle = ca_bundle
        self.auth = _unchanged
        # A proxy of the environment cannot reach this machine's loopback address.
        self.trust_env = not base.is_loopback
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(pool_maxsize=POOL_SIZE, max_retries=_CONNECT_TWICE))

    def shorten_timeout(self, seconds: float) -> None:
        """Wait no longer than this for a connection, and then for an answer."""
        connecting, reading = self._timeout
        self._timeout = min(connecting, seconds), min(reading, seconds)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """The one door through which every request leaves."""
        request.url = self._permit(request.url or "")
        kwargs["timeout"] = kwargs.get("timeout") or self._timeout
        kwargs["allow_redirects"] = False
        # Here, because REQUESTS_CA_BUNDLE of the environment would come before our own bundle;
        # and nobody switches it off.
        kwargs["verify"] = self._ca_bundle or kwargs.get("verify") or True
        try:
            return super().send(request, **kwargs)
        except requests.RequestException as error:
            raise connection_error(error) from None

    def _permit(self, url: str) -> str:
        origin = "/".join(url.split("/", 3)[:3])
        if origin == self._plain:
            url = "http" + url[len("https") :]
        elif origin not in self._permitted:
            self._permitted.add(self._rules.check(url).origin)
        return url


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Authentication that adds nothing: without any, requests would look into .netrc files."""
    return request


def connection_error(error: requests.RequestException) -> ConnectorError:
    """Our exception for a call that brought no answer. It never repeats the error's own text."""
    if _has_bad_certificate(error):
        return Stopped(code="certificate_refused")
    if isinstance(error, requests.Timeout) and not isinstance(error, requests.ConnectTimeout):
        return Transient(gettext("Salesforce did not answer in time."))
    if _never_connected(error):
        return Transient(gettext("Salesforce could not be reached."), untouched=True)
    return Transient(gettext("The connection to Salesforce was lost before the answer came."))


def _has_bad_certificate(error: BaseException) -> bool:
    return any(isinstance(item, ssl.SSLCertVerificationError) for item in _chain(error))


def _never_connected(error: requests.RequestException) -> bool:
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.ProxyError)):
        return True
    return isinstance(error, requests.ConnectionError) and any(
        isinstance(item, MaxRetryError) for item in _chain(error)
    )


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what it wraps: requests and urllib3 hand causes on in several ways."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        item = waiting.pop()
        if isinstance(item, BaseException) and item not in found:
            found.append(item)
            waiting += [item.__cause__, item.__context__, *item.args, getattr(item, "reason", None)]
    return found
