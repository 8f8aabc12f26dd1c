"""Getting, keeping and giving up the authorization of an organization."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping, MutableMapping
from typing import Any

from django.utils import timezone

from wagtail_salesforce.conf import conf
from wagtail_salesforce.connection.clear import Cleared as Cleared
from wagtail_salesforce.connection.clear import clear as clear
from wagtail_salesforce.connection.clear import try_to_revoke
from wagtail_salesforce.connection.clients import make_client
from wagtail_salesforce.connection.credentials import Credentials, credentials
from wagtail_salesforce.connection.diagnose import test_connection as test_connection
from wagtail_salesforce.connection.draft import forget_draft, seal, unseal
from wagtail_salesforce.connection.former import Former, former_of, give_up
from wagtail_salesforce.connection.identity import identify, put_identity
from wagtail_salesforce.connection.lock import with_locked_connection
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.site import site_url
from wagtail_salesforce.connection.tokens import put_tokens, request_tokens
from wagtail_salesforce.connection.tokens import refresh_access_token as refresh_access_token
from wagtail_salesforce.exceptions import AuthorizationFailed, ConnectorError, Transient
from wagtail_salesforce.salesforce import oauth
from wagtail_salesforce.salesforce.hosts import parse_address
from wagtail_salesforce.salesforce.oauth import App, TokenSet
from wagtail_salesforce.salesforce.oauth_errors import to_error
from wagtail_salesforce.salesforce.private_key import usable_key


logger = logging.getLogger("wagtail_salesforce")

#: Where the browser's session keeps what `finish` needs.
SESSION_KEY = "wagtail_salesforce_authorization"

Session = MutableMapping[str, Any]


def begin(session: Session, redirect_uri: str, changes: Mapping[str, str] | None = None) -> str:
    """Start the web server flow; returns the address at Salesforce to send the person to.

    `session` is the person's Django session: it keeps the state and the proof key. `changes` are
    fields of the Connection (login_url, client_id, client_secret) that count once `finish` has
    succeeded; until then the connection goes on with what it has. Raises AuthorizationFailed:
    "missing_credentials", "unreadable_secret", "host_not_allowed", "insecure_callback" or
    "set_in_settings".
    """
    check_callback(redirect_uri)
    app = _app(_trial(Connection.Flow.WEB_SERVER, changes or {}), changes or {})
    beginning = oauth.begin(app, redirect_uri)
    session[SESSION_KEY] = {
        "state": beginning.state,
        "code_verifier": beginning.code_verifier,
        "redirect_uri": redirect_uri,
        "app": [app.login_url, app.client_id],
        "changes": seal(changes or {}),
    }
    return beginning.url


def check_callback(redirect_uri: str) -> None:
    """Raise AuthorizationFailed("insecure_callback") where codes would travel in plain."""
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
    changes = unseal(kept.get("changes", ""))
    app = _app(_trial(Connection.Flow.WEB_SERVER, changes), changes)
    if [app.login_url, app.client_id] != kept["app"]:
        raise AuthorizationFailed(code="credentials_changed")
    with _reachable():
        tokens = oauth.exchange_code(
            app, kept["redirect_uri"], query.get("code", ""), kept["code_verifier"]
        )
    connection = _keep(app, tokens, Connection.Flow.WEB_SERVER, user, changes)
    forget_draft(session)
    return connection


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
        jwt_private_key=private_key and usable_key(private_key),
    )
    return _connect(Connection.Flow.JWT_BEARER, changes, user)


def _given(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _connect(flow: str, changes: dict[str, str], user: Any) -> Connection:
    trial = _trial(flow, changes)
    app = _app(trial, changes)
    with _reachable():
        tokens = request_tokens(trial)
    return _keep(app, tokens, flow, user, changes)


def _trial(flow: str, changes: Mapping[str, str]) -> Connection:
    """The connection as it would be; nothing is saved."""
    trial = Connection.load()
    for name, value in {**changes, "flow": flow}.items():
        setattr(trial, name, value)
    return trial


def _app(trial: Connection, changes: Mapping[str, str]) -> App:
    given = credentials(trial)
    _check_settings(given, changes)
    return given.app(needs_secret=trial.flow != Connection.Flow.JWT_BEARER)


def _check_settings(given: Credentials, changes: Mapping[str, str]) -> None:
    """What the Django settings say cannot be changed here, or it would count only until then."""
    for name in given.from_settings & changes.keys():
        is_in_file = name == "jwt_private_key" and given.key_file
        if is_in_file or changes[name] != getattr(given, name):
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
        try_to_revoke(app, tokens.refresh_token or tokens.access_token)
        raise

    def store(row: Connection) -> tuple[Connection, Former | None]:
        former = former_of(row, org_id=identity.org_id, refresh_token=tokens.refresh_token)
        for name, value in {**(changes or {}), "flow": flow}.items():
            setattr(row, name, value)
        put_tokens(row, tokens)
        row.refresh_token = tokens.refresh_token
        former_org = row.org_id
        put_identity(row, identity)
        if row.org_id != former_org:
            # What the former organization had used says nothing about this one.
            row.api_calls_used = row.api_calls_max = row.api_calls_at = None
        row.site_url = site_url()
        row.authorized_at, row.authorized_by = timezone.now(), user
        row.save()
        return row, former

    stored, former = with_locked_connection(store)
    give_up(former)
    return stored


class _reachable:
    """A login address where nobody answers is a wrong entry, and not a passing trouble."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, Transient) and error.untouched and error.code == Transient.code:
            raise AuthorizationFailed(code="org_unreachable") from None
