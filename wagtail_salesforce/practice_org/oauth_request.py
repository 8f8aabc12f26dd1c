"""An OAuth request: its form, the app that sends it, and the answer's common parts.

Source: Salesforce help, "OAuth 2.0 Web Server Flow", "OAuth Endpoints", "OAuth Error Codes".
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from .errors import OAuthError
from .org import Org
from .seed import CLIENT_ID, CLIENT_SECRET
from .tokens import Access
from .wire import Answer


NO_STORE = {"Cache-Control": "no-cache, no-store", "Pragma": "no-cache"}


@dataclass
class OAuthRequest:
    """One request to an OAuth endpoint."""

    org: Org
    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: Mapping[str, str]

    def bearer(self) -> str | None:
        """The access token of the Authorization header."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    def session(self, token: str) -> Access | None:
        """The living session of an access token of somebody who may still log in."""
        org = self.org
        idle = org.options.session_minutes * 60
        session = org.tokens.session(token, org.options.org_id, org.clock.timestamp(), idle)
        return session if session and org.user(session.user_id) else None


def check_client(request: OAuthRequest, *, basic_allowed: bool = False) -> None:
    """Refuse an unknown app, a wrong secret, or an app that is not installed."""
    client_id, secret = request.form.get("client_id"), request.form.get("client_secret")
    if basic_allowed and client_id is None:
        client_id, secret = _basic(request.headers.get("authorization", ""))
    if client_id != CLIENT_ID:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if not hmac.compare_digest((secret or "").encode(), CLIENT_SECRET.encode()):
        raise OAuthError("invalid_client", "invalid client credentials")
    check_installed(request)


def check_installed(request: OAuthRequest) -> None:
    """Refuse while the org's administrator has not installed the app."""
    if not request.org.options.app_installed:
        raise OAuthError("invalid_client", "app must be installed into org")


def _basic(header: str) -> tuple[str | None, str | None]:
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "basic":
        return None, None
    try:
        name, _, secret = base64.b64decode(text).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None, None
    return unquote_plus(name), unquote_plus(secret)


def token_answer(org: Org, session: Access, refresh_token: str | None) -> Answer:
    """The token answer: no ``expires_in``, and ``issued_at`` in milliseconds, as text."""
    identity = identity_url(org, session.user_id)
    issued = str(int(org.clock.timestamp() * 1000))
    body = {"access_token": session.token}
    if refresh_token is not None:
        body["refresh_token"] = refresh_token
    body |= {
        "signature": sign(identity + issued),
        "scope": " ".join(session.scopes),
        "instance_url": org.base_url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued,
    }
    return Answer(200, body, dict(NO_STORE))


def identity_url(org: Org, user_id: str) -> str:
    """The ``id`` of a user: where the identity is to be had."""
    return f"{org.base_url}/id/{org.options.org_id}/{user_id}"


def sign(text: str) -> str:
    """Base64 HMAC-SHA256 with the consumer secret."""
    digest = hmac.new(CLIENT_SECRET.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
