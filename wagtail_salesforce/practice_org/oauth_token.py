"""The token endpoint: authorization code, refresh token, client credentials, JWT bearer.

Source: Salesforce help, "OAuth 2.0 Web Server Flow", "OAuth 2.0 Refresh Token Flow", "OAuth 2.0
Client Credentials Flow"; release note "Refresh Token Error" (Winter '25).
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .errors import OAuthError
from .oauth_jwt import jwt_bearer
from .oauth_request import NO_STORE, OAuthRequest, check_client, token_answer
from .org import Org
from .seed import SCOPES
from .tokens import Code, Grant
from .wire import Answer


CODE_LIFE = 15 * 60
DAY = 24 * 60 * 60


def token(request: OAuthRequest) -> Answer:
    """POST /services/oauth2/token."""
    grant = _GRANTS.get(request.form.get("grant_type", ""))
    try:
        if grant is None:
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        return grant(request)
    except OAuthError as refused:
        return refusal(refused)


def refusal(refused: OAuthError) -> Answer:
    """A refused token request."""
    return Answer(400, refused.body(), dict(NO_STORE))


def _authorization_code(request: OAuthRequest) -> Answer:
    check_client(request)
    org = request.org
    # Assumption code-used-up: an attempt that fails uses the code up as well.
    code = org.tokens.take_code(request.form.get("code", ""))
    now = org.clock.timestamp()
    if code is None or code.issued + CODE_LIFE <= now or code.org_id != org.options.org_id:
        raise OAuthError("invalid_grant", "expired authorization code")
    if request.form.get("redirect_uri") != code.redirect_uri:
        raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
    _check_verifier(code, request.form.get("code_verifier"))
    _check_active(org, code.user_id)
    grant = org.tokens.open_grant(code.user_id, code.org_id, code.scopes, now)
    session = org.tokens.open_session(code.user_id, code.org_id, code.scopes, now, grant.id)
    return token_answer(org, session, grant.refresh_token)


def _check_verifier(code: Code, verifier: str | None) -> None:
    """PKCE, RFC 7636: the verifier must hash to the challenge sent before."""
    if code.challenge is None:
        return
    digest = hashlib.sha256((verifier or "").encode()).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not verifier or not hmac.compare_digest(expected, code.challenge):
        raise OAuthError("invalid_grant", "invalid code verifier")


def _check_active(org: Org, user_id: str) -> None:
    if org.user(user_id) is None:
        raise OAuthError("invalid_grant", "inactive user")


def _refresh_token(request: OAuthRequest) -> Answer:
    check_client(request)
    org = request.org
    text = request.form.get("refresh_token", "")
    grant = org.tokens.by_refresh_token(text, org.options.org_id)
    now = org.clock.timestamp()
    if grant is None or _is_dead(org, grant, text, now):
        raise OAuthError("invalid_grant", "expired access/refresh token")
    _check_active(org, grant.user_id)
    grant.used = now
    rotated = org.tokens.rotate(grant) if org.options.rotation else None
    session = org.tokens.open_session(grant.user_id, grant.org_id, grant.scopes, now, grant.id)
    return token_answer(org, session, rotated)


def _is_dead(org: Org, grant: Grant, text: str, now: float) -> bool:
    """Whether the token was superseded (which kills the grant) or lay idle too long."""
    days = org.options.refresh_idle_days
    idle = days is not None and grant.used + days * DAY <= now
    # Source: Metadata API guide, "ConnectedApp": use of an invalidated refresh token deletes
    # the current one and its access tokens. Assumption rotation-no-grace: there is no period of grace.
    dead = idle or text != grant.refresh_token
    if dead:
        org.tokens.close_grant(grant)
    return dead


def _client_credentials(request: OAuthRequest) -> Answer:
    check_client(request, basic_allowed=True)
    org = request.org
    username = org.options.client_credentials_user
    user = org.user_by_name(username) if username else None
    if user is None:
        # Assumption client-credentials-no-user: the exact wording.
        raise OAuthError("invalid_grant", "no client credentials user enabled")
    _check_active(org, user["Id"])
    scopes = [scope for scope in SCOPES if scope != "refresh_token"]
    now = org.clock.timestamp()
    session = org.tokens.open_session(user["Id"], org.options.org_id, scopes, now)
    return token_answer(org, session, None)


_GRANTS: dict[str, Callable[[OAuthRequest], Answer]] = {
    "authorization_code": _authorization_code,
    "refresh_token": _refresh_token,
    "client_credentials": _client_credentials,
    "urn:ietf:params:oauth:grant-type:jwt-bearer": jwt_bearer,
}


@contextmanager
def one_refresh_at_a_time(org: Org, form: dict[str, str]) -> Iterator[bool]:
    """Whether this refresh may go on; a second one with the same token meanwhile may not."""
    text = form.get("refresh_token", "") if form.get("grant_type") == "refresh_token" else ""
    with org.lock:
        free = text not in org.refreshing
        if text and free:
            org.refreshing.add(text)
    try:
        yield free
    finally:
        if text and free:
            with org.lock:
                org.refreshing.discard(text)


def busy() -> Answer:
    """The transient refusal of the second of two simultaneous refreshes."""
    return refusal(OAuthError("invalid_grant", "token request is already being processed"))
