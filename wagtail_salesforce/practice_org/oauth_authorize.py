"""The authorize endpoint: who are you, and do you allow this?

Source: Salesforce help, "OAuth 2.0 Web Server Flow", "Authorization Through Connected Apps and
OAuth 2.0", "OAuth Error Codes". An unknown app or callback is never redirected to.
"""

import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from .login_pages import consent_page, error_page, login_page
from .oauth_request import OAuthRequest
from .org import Org
from .seed import CLIENT_ID, PASSWORD, SCOPES
from .tables import Row
from .tokens import Code
from .wire import Answer


CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
KNOWN_SCOPES = frozenset({*SCOPES, "offline_access", "openid", "full", "web", "profile", "email"})
PENDING_LIFE = 60 * 60


@dataclass
class Pending:
    """A person on the way through login and consent."""

    redirect_uri: str
    state: str | None
    scopes: list[str]
    challenge: str | None
    started: float
    user_id: str | None = None


class Redirected(Exception):
    """An error that the app is told, by way of its callback."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


def authorize(request: OAuthRequest) -> Answer:
    """GET /services/oauth2/authorize: check the request, then ask who it is."""
    query = request.query
    if query.get("client_id") != CLIENT_ID:
        return error_page("invalid_client_id", "client identifier invalid")
    redirect_uri = query.get("redirect_uri", "")
    if redirect_uri not in request.org.options.callbacks:
        return error_page("redirect_uri_mismatch", "redirect_uri must match configuration")
    try:
        pending = _check(request, redirect_uri)
    except Redirected as refused:
        return _redirect_error(redirect_uri, query.get("state"), refused)
    # Assumption consent-every-time: everybody logs in and is asked each time, whatever ``prompt``.
    key = secrets.token_urlsafe(24)
    request.org.pending[key] = pending
    return login_page(request.org, key, username=query.get("login_hint", ""))


def _check(request: OAuthRequest, redirect_uri: str) -> Pending:
    query = request.query
    if query.get("response_type") != "code":
        raise Redirected("unsupported_response_type", "response type not supported")
    if query.get("immediate", "").lower() == "true":
        raise Redirected("immediate_unsuccessful", "immediate_unsuccessful")
    return Pending(
        redirect_uri,
        query.get("state"),
        _scopes(query.get("scope")),
        _challenge(request),
        request.org.clock.timestamp(),
    )


def _scopes(text: str | None) -> list[str]:
    """The scopes asked for, of those the app has; none asked means all of them."""
    asked = (text or "").split() or list(SCOPES)
    if not KNOWN_SCOPES.issuperset(asked) or not set(asked) <= {*SCOPES, "offline_access"}:
        # Assumption scope-not-given: a scope the app was not given is refused like an unknown one.
        raise Redirected("invalid_scope", "the requested scope is not allowed")
    renamed = ["refresh_token" if scope == "offline_access" else scope for scope in asked]
    return list(dict.fromkeys(renamed))


def _challenge(request: OAuthRequest) -> str | None:
    challenge = request.query.get("code_challenge")
    if challenge is None:
        if request.org.options.pkce_required:
            raise Redirected("invalid_request", "missing required code challenge")
        return None
    method = request.query.get("code_challenge_method", "S256")
    if method != "S256" or CHALLENGE.fullmatch(challenge) is None:
        # Assumption challenge-form: the text of a challenge that is not a SHA-256 hash.
        raise Redirected("invalid_request", "invalid code challenge")
    return challenge


def _redirect_error(redirect_uri: str, state: str | None, refused: Redirected) -> Answer:
    answer = {"error": refused.error, "error_description": refused.description}
    return _redirect(redirect_uri, answer, state)


def _redirect(redirect_uri: str, answer: dict[str, str], state: str | None) -> Answer:
    if state is not None:
        answer["state"] = state
    joint = "&" if "?" in redirect_uri else "?"
    location = f"{redirect_uri}{joint}{urlencode(answer)}"
    return Answer(302, b"", {"Location": location, "Cache-Control": "no-store"})


def log_in(request: OAuthRequest) -> Answer:
    """POST /practice/login: user name and password, then the question for consent."""
    org = request.org
    key = request.form.get("request", "")
    pending = _pending(org, key)
    if pending is None:
        return _expired()
    username = request.form.get("username", "")
    user = org.user_by_name(username)
    if user is None or request.form.get("password") != PASSWORD or org.user(user["Id"]) is None:
        text = "Check your user name and password. Or is this user inactive?"
        return login_page(org, key, username=username, error=text)
    pending.user_id = user["Id"]
    return consent_page(org, key, user, pending.scopes)


def decide(request: OAuthRequest) -> Answer:
    """POST /practice/consent: Allow or Deny, then back to the app."""
    org = request.org
    key = request.form.get("request", "")
    pending = _pending(org, key)
    if pending is None or pending.user_id is None:
        return _expired()
    del org.pending[key]
    if request.form.get("decision") != "allow":
        refused = Redirected("access_denied", "end-user denied authorization")
        return _redirect_error(pending.redirect_uri, pending.state, refused)
    user = org.user(pending.user_id)
    if user is None:
        refused = Redirected("inactive_user", "user is inactive")
        return _redirect_error(pending.redirect_uri, pending.state, refused)
    return _redirect(pending.redirect_uri, {"code": _code(org, pending, user)}, pending.state)


def _code(org: Org, pending: Pending, user: Row) -> str:
    code = Code(
        f"aPrx{secrets.token_urlsafe(36)}==",
        user["Id"],
        org.options.org_id,
        pending.scopes,
        pending.redirect_uri,
        pending.challenge,
        org.clock.timestamp(),
    )
    return org.tokens.issue_code(code).code


def _pending(org: Org, key: str) -> Pending | None:
    pending = org.pending.get(key)
    if pending is None or pending.started + PENDING_LIFE <= org.clock.timestamp():
        return None
    return pending


def _expired() -> Answer:
    return error_page("invalid_request", "This login has expired. Begin again in the app.")
