"""Getting, keeping and giving up the authorization of an organization."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from wagtail_salesforce.conf import conf
from wagtail_salesforce.connection.clients import make_client
from wagtail_salesforce.connection.credentials import Credentials, credentials
from wagtail_salesforce.connection.diagnose import test_connection as test_connection
from wagtail_salesforce.connection.identity import identify, put_identity
from wagtail_salesforce.connection.lock import with_locked_connection
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.secrets import UnreadableSecret
from wagtail_salesforce.connection.site import site_url
from wagtail_salesforce.connection.tokens import put_tokens, request_tokens
from wagtail_salesforce.connection.tokens import refresh_access_token as refresh_access_token
from wagtail_salesforce.exceptions import AuthorizationFailed, ConnectorError, Transient
from wagtail_salesforce.salesforce import oauth
from wagtail_salesforce.salesforce.hosts import parse_address
from wagtail_salesforce.salesforce.oauth import App, TokenSet
from wagtail_salesforce.salesforce.oauth_errors import to_error


logger = logging.getLogger("wagtail_salesforce")

#: Where the browser's session keeps what `finish` needs.
SESSION_KEY = "wagtail_salesforce_authorization"

Session = MutableMapping[str, Any]


def begin(session: Session, redirect_uri: str) -> str:
    """Start the web server flow; returns the address at Salesforce to send the person to.

    `session` is the person's Django session: it keeps the state and the proof key. Raises
    AuthorizationFailed: "missing_credentials", "unreadable_secret", "host_not_allowed" or
    "insecure_callback".
    """
    _check_callback(redirect_uri)
    given = credentials()
    beginning = oauth.begin(given.app(), redirect_uri)
    session[SESSION_KEY] = {
        "state": beginning.state,
        "code_verifier": beginning.code_verifier,
        "redirect_uri": redirect_uri,
        "app": [given.login_url, given.client_id],
    }
    return beginning.url


def _check_callback(redirect_uri: str) -> None:
    address = parse_address(redirect_uri)
    is_safe = address is not None and (
        address.scheme == "https" or (address.is_loopback and conf().ALLOW_LOOPBACK_ORG)
    )
    if not is_safe:
        raise AuthorizationFailed(code="insecure_callback")


def finish(session: Session, query: Mapping[str, str], user: Any = None) -> Connection:
    """Finish the web server flow with the callback's query; `user` is who authorized.

    What `begin` kept is used up, whatever happens. A refused or denied authorization leaves the
    former one as it was. Raises AuthorizationFailed (with its reason code), Transient or Stopped.
    """
    kept = session.pop(SESSION_KEY, None)
    _check_state(kept, query.get("state", ""))
    if query.get("error"):
        raise to_error(query["error"], query.get("error_description", ""))
    given = credentials()
    if [given.login_url, given.client_id] != kept["app"]:
        raise AuthorizationFailed(code="credentials_changed")
    app = given.app()
    with _reachable():
        tokens = oauth.exchange_code(
            app, kept["redirect_uri"], query.get("code", ""), kept["code_verifier"]
        )
    return _keep(app, tokens, Connection.Flow.WEB_SERVER, user)


def _check_state(kept: Any, state: str) -> None:
    """The callback must answer what this session asked, and only once (RFC 6749, 10.12)."""
    expected = kept["state"] if kept else ""
    if not expected or not hmac.compare_digest(expected.encode(), state.encode()):
        raise AuthorizationFailed(code="invalid_state")


def connect_with_client_credentials(
    login_url: str = "", client_id: str = "", client_secret: str = "", *, user: Any = None
) -> Connection:
    """Authorize as the app's run-as user. What is left empty is taken from settings or database.

    Nothing is stored unless it works. Raises AuthorizationFailed, Transient or Stopped.
    """
    changes = _given(login_url=login_url, client_id=client_id, client_secret=client_secret)
    return _connect(Connection.Flow.CLIENT_CREDENTIALS, changes, user)


def connect_with_jwt(
    login_url: str = "",
    client_id: str = "",
    username: str = "",
    private_key: str = "",
    *,
    user: Any = None,
) -> Connection:
    """Authorize as `username` with a signed assertion; `private_key` is in PEM form.

    Nothing is stored unless it works. Raises AuthorizationFailed, Transient or Stopped.
    """
    changes = _given(
        login_url=login_url,
        client_id=client_id,
        jwt_username=username,
        jwt_private_key=private_key,
    )
    return _connect(Connection.Flow.JWT_BEARER, changes, user)


def _given(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _connect(flow: str, changes: dict[str, str], user: Any) -> Connection:
    trial = Connection.load()
    for name, value in {**changes, "flow": flow}.items():
        setattr(trial, name, value)
    app = _app(trial, changes)
    with _reachable():
        tokens = request_tokens(trial)
    return _keep(app, tokens, flow, user, changes)


def _app(trial: Connection, changes: dict[str, str]) -> App:
    given = credentials(trial)
    _check_settings(given, changes)
    return given.app(needs_secret=trial.flow != Connection.Flow.JWT_BEARER)


def _check_settings(given: Credentials, changes: dict[str, str]) -> None:
    """What the Django settings say cannot be changed here, or it would count only until then."""
    for name in given.from_settings & changes.keys():
        if changes[name] != getattr(given, name):
            raise AuthorizationFailed(code="set_in_settings")


def _keep(
    app: App,
    tokens: TokenSet,
    flow: str,
    user: Any,
    changes: Mapping[str, str] | None = None,
) -> Connection:
    """Find out whose tokens these are, and store everything together."""
    try:
        with make_client(tokens.instance_url, tokens.access_token) as client:
            identity = identify(client)
    except ConnectorError:
        # Half an authorization is none: do not leave it lying about at Salesforce.
        _try_to_revoke(app, tokens.refresh_token or tokens.access_token)
        raise

    def store(row: Connection) -> Connection:
        for name, value in {**(changes or {}), "flow": flow}.items():
            setattr(row, name, value)
        put_tokens(row, tokens)
        row.refresh_token = tokens.refresh_token
        former = row.org_id
        put_identity(row, identity)
        if row.org_id != former:
            # What the former organization had used says nothing about this one.
            row.api_calls_used = row.api_calls_max = row.api_calls_at = None
        row.site_url = site_url()
        row.authorized_at, row.authorized_by = timezone.now(), user
        row.save()
        return row

    return with_locked_connection(store)


class _reachable:
    """A login address where nobody answers is a wrong entry, and not a passing trouble."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, Transient) and error.untouched and error.code == Transient.code:
            raise AuthorizationFailed(code="org_unreachable") from None


@dataclass(frozen=True)
class Cleared:
    """What became of the authorization. `revoked` says whether Salesforce has ended it, too."""

    revoked: bool
    message: str


def clear() -> Cleared:
    """Revoke the tokens at Salesforce, then forget them, also when revoking failed.

    Key, secret, login address and private key stay, so that it can be authorized again.
    """
    return with_locked_connection(_clear)


def _clear(row: Connection) -> Cleared:
    token = row.refresh_token or row.access_token
    is_unreadable = isinstance(token, UnreadableSecret)
    revoked = not is_unreadable and (not token or _revoke_for(row, token))
    blank = Connection(pk=row.pk)
    kept = ("login_url", "flow", "client_id", "client_secret", "jwt_username", "jwt_private_key")
    for name in kept:
        setattr(blank, name, getattr(row, name))
    # It still grows, so that a worker with an old token sees that it is gone.
    blank.token_generation = row.token_generation + 1
    blank.save()
    return Cleared(revoked, _words(revoked))


def _revoke_for(row: Connection, token: str) -> bool:
    needs_secret = False
    try:
        return _try_to_revoke(credentials(row).app(needs_secret=needs_secret), token)
    except AuthorizationFailed:
        return False


def _try_to_revoke(app: App, token: str) -> bool:
    try:
        oauth.revoke(app, token)
    except ConnectorError as error:
        logger.warning("Revoking the authorization failed: %s", error.code)
        return False
    return True


def _words(revoked: bool) -> str:
    if revoked:
        return gettext("The site has no access to the Salesforce organization any more.")
    return gettext(
        "The site has forgotten its access, but it could not be ended in Salesforce. Revoke it "
        "there: Setup, Connected Apps OAuth Usage, or the user's OAuth connected apps."
    )
