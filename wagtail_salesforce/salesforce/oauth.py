"""OAuth 2.0 with Salesforce, as plain HTTP: no database, no session of a browser.

Salesforce help: "OAuth 2.0 Web Server Flow", "Refresh Token Flow", "Client Credentials Flow",
"JWT Bearer Flow", "Revoke OAuth Tokens".

All functions raise AuthorizationFailed with one of our reason codes, Transient (among it a
refresh that is "already being processed") or Stopped("certificate_refused").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
import orjson
import requests
from django.utils import timezone
from oauthlib.oauth2 import WebApplicationClient
from requests_oauthlib import OAuth2Session

from wagtail_salesforce.exceptions import AuthorizationFailed, Transient
from wagtail_salesforce.salesforce.hosts import HostRules
from wagtail_salesforce.salesforce.oauth_errors import clock_is_wrong, to_error
from wagtail_salesforce.salesforce.transport import GuardedSession
from wagtail_salesforce.salesforce.unlogged import unlogged


#: The least that is needed: who is it, the API, and staying authorized.
SCOPES = ("id", "api", "refresh_token")

#: Shorter than for API calls, because a token request holds up everybody who needs the token.
TIMEOUT = (10.0, 30.0)

JWT_LIFE = timedelta(minutes=3)

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@dataclass(frozen=True)
class App:
    """The External Client App (or connected app), and where its organization logs in."""

    login_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    rules: HostRules = HostRules()
    ca_bundle: str | None = None

    @property
    def origin(self) -> str:
        """The login address without a path. Raises AuthorizationFailed("host_not_allowed")."""
        return self.rules.check(self.login_url).origin

    def endpoint(self, name: str) -> str:
        """The address of `authorize`, `token` or `revoke`."""
        return f"{self.origin}/services/oauth2/{name}"


@dataclass(frozen=True)
class TokenSet:
    """What the token endpoint gave. `refresh_token` is "" when it gave none."""

    access_token: str = field(repr=False)
    instance_url: str
    refresh_token: str = field(default="", repr=False)
    scope: str = ""


@dataclass(frozen=True)
class Beginning:
    """Where to send the person, and what to keep in the person's session meanwhile."""

    url: str
    state: str = field(repr=False)
    code_verifier: str = field(repr=False)


class TokenSession(GuardedSession):
    """A guarded session for token requests."""

    def __init__(self, app: App, **kwargs: Any) -> None:
        super().__init__(
            app.rules, app.login_url, ca_bundle=app.ca_bundle, timeout=TIMEOUT, **kwargs
        )


class CodeSession(TokenSession, OAuth2Session):
    """requests-oauthlib's session on top of our guarded one."""


def begin(app: App, redirect_uri: str) -> Beginning:
    """Start the web server flow: a fresh state and proof key (PKCE, S256, RFC 7636)."""
    client = WebApplicationClient(app.client_id)
    verifier = client.create_code_verifier(64)
    challenge = client.create_code_challenge(verifier, "S256")
    scope = list(SCOPES)
    with (
        unlogged(),
        CodeSession(app, client=client, redirect_uri=redirect_uri, scope=scope) as session,
    ):
        url, state = session.authorization_url(
            _secure(app.endpoint("authorize")),
            code_challenge=challenge,
            code_challenge_method="S256",
        )
    return Beginning(url.replace(_secure(app.origin), app.origin, 1), state, verifier)


def exchange_code(app: App, redirect_uri: str, code: str, code_verifier: str) -> TokenSet:
    """Finish the web server flow, with proof key and consumer secret.

    The code lives 15 minutes and works once.
    """
    if not code:
        raise AuthorizationFailed(code="expired_code")
    found: list[TokenSet] = []

    def read(response: requests.Response) -> requests.Response:
        # Before oauthlib reads it, whose errors know nothing of Salesforce's wordings.
        found.append(read_tokens(app, response))
        return response

    with (
        unlogged(),
        CodeSession(app, client_id=app.client_id, redirect_uri=redirect_uri) as session,
    ):
        session.register_compliance_hook("access_token_response", read)
        session.fetch_token(
            _secure(app.endpoint("token")),
            code=code,
            client_secret=app.client_secret,
            include_client_id=True,
            code_verifier=code_verifier,
        )
    return found[0]


def _secure(url: str) -> str:
    """oauthlib takes https only; the session sends it to a permitted loopback org in plain."""
    return "https" + url[len("http") :] if url.startswith("http:") else url


def refresh(app: App, refresh_token: str) -> TokenSet:
    """A new access token. With refresh token rotation a new refresh token comes with it,
    and the old one is dead: store the new one before anything else."""
    return _request_tokens(
        app,
        grant_type="refresh_token",
        refresh_token=refresh_token,
        client_id=app.client_id,
        client_secret=app.client_secret,
    )


def client_credentials(app: App) -> TokenSet:
    """An access token for the app's run-as user; there is no refresh token.

    Works at the organization's own address only: Salesforce help, "OAuth 2.0 Client Credentials
    Flow". Others are refused before the consumer secret goes out.
    """
    if serves_everybody(app):
        raise AuthorizationFailed(code="wrong_login_host")
    return _request_tokens(
        app,
        grant_type="client_credentials",
        client_id=app.client_id,
        client_secret=app.client_secret,
    )


def serves_everybody(app: App) -> bool:
    """Whether the login address is that of all organizations, and of none in particular."""
    return app.rules.check(app.login_url).host in ("login.salesforce.com", "test.salesforce.com")


def jwt_bearer(app: App, username: str, private_key: str) -> TokenSet:
    """An access token for a pre-authorized user; there is no refresh token.

    `private_key` is an RSA key in PEM form whose certificate the app holds.
    """
    return _request_tokens(
        app,
        grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer",
        assertion=_assertion(app, username, private_key),
    )


def _assertion(app: App, username: str, private_key: str) -> str:
    claims = {
        "iss": app.client_id,
        "sub": username,
        "aud": audience(app),
        # A little less than three minutes, for clocks that differ by seconds.
        "exp": timezone.now() + JWT_LIFE - timedelta(seconds=15),
    }
    try:
        return jwt.encode(claims, private_key, algorithm="RS256")
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        raise AuthorizationFailed(code="invalid_private_key") from None


def audience(app: App) -> str:
    """Whom an assertion is for: the login host of the kind of org, also behind a My Domain."""
    address = app.rules.check(app.login_url)
    if not address.host.endswith(".my.salesforce.com"):
        return address.origin
    is_production = not address.host.endswith(
        (".sandbox.my.salesforce.com", ".scratch.my.salesforce.com")
    )
    return "https://login.salesforce.com" if is_production else "https://test.salesforce.com"


def revoke(app: App, token: str) -> None:
    """Make a token worthless; a refresh token takes its access tokens along.

    A token that is dead already counts as revoked.
    """
    with TokenSession(app) as session:
        response = session.request(
            "POST", app.endpoint("revoke"), data=urlencode({"token": token}), headers=FORM
        )
    if response.status_code != 200 and _refusal(response).get("error") != "invalid_token":
        raise _error(app, response)


def _request_tokens(app: App, **form: str) -> TokenSet:
    with TokenSession(app) as session:
        response = session.request(
            "POST", app.endpoint("token"), data=urlencode(form), headers=FORM
        )
    return read_tokens(app, response)


def read_tokens(app: App, response: requests.Response) -> TokenSet:
    """Read the token endpoint's answer; raises for a refusal, and for a forbidden instance_url."""
    data = _refusal(response)
    if response.status_code != 200 or not data.get("access_token"):
        raise _error(app, response)
    return TokenSet(
        access_token=str(data["access_token"]),
        instance_url=app.rules.check(str(data.get("instance_url") or "")).origin,
        refresh_token=str(data.get("refresh_token") or ""),
        scope=str(data.get("scope") or ""),
    )


def _refusal(response: requests.Response) -> dict[str, Any]:
    try:
        data = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return {}
    return data if isinstance(data, dict) else {}


def _error(app: App, response: requests.Response) -> Exception:
    if response.status_code >= 500 or response.status_code in (420, 429):
        return Transient()
    data = _refusal(response)
    if not data.get("error"):
        # A page, a redirect or another service: no organization logs in there.
        return AuthorizationFailed(code="org_unreachable")
    error = to_error(str(data["error"]), str(data.get("error_description") or ""))
    if error.code == "invalid_assertion" and clock_is_wrong(response.headers):
        return AuthorizationFailed(code="clock_wrong")
    return error
