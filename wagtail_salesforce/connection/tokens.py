"""Getting and storing tokens, for every flow."""

from __future__ import annotations

import time
from functools import partial

from django.db import OperationalError, connections, router

from wagtail_salesforce.connection.credentials import credentials
from wagtail_salesforce.connection.lock import with_locked_connection_committed
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.secrets import UnreadableSecret
from wagtail_salesforce.connection.site import site_matches
from wagtail_salesforce.exceptions import (
    REASONS,
    AuthorizationFailed,
    NotAuthorized,
    Stopped,
    Transient,
)
from wagtail_salesforce.salesforce import oauth
from wagtail_salesforce.salesforce.oauth import TokenSet


#: The fields that go together whenever tokens are stored. All secrets are among them, so that
#: they are encrypted anew with the newest key.
TOKEN_FIELDS = [
    "client_secret",
    "jwt_private_key",
    "access_token",
    "refresh_token",
    "token_generation",
    "instance_url",
    "scope",
    "status",
    "status_reason",
]

# These are troubles of this site's settings or network, not the end of the authorization.
_OURS = frozenset(
    {
        "host_not_allowed",
        "missing_credentials",
        "unreadable_secret",
        "invalid_private_key",
        "private_key_file",
    }
)


def request_tokens(row: Connection) -> TokenSet:
    """Ask for an access token in the row's way to authorize; see `salesforce.oauth` for errors.

    Client credentials and JWT bearer have no refresh token: they ask anew each time.
    """
    given = credentials(row)
    if row.flow == Connection.Flow.JWT_BEARER:
        app = given.app(needs_secret=False)
        return oauth.jwt_bearer(app, given.jwt_username, given.private_key())
    app = given.app()
    if row.flow == Connection.Flow.CLIENT_CREDENTIALS:
        return oauth.client_credentials(app)
    if isinstance(row.refresh_token, UnreadableSecret):
        raise AuthorizationFailed(code="unreadable_secret")
    return oauth.refresh(app, row.refresh_token)


def put_tokens(row: Connection, tokens: TokenSet) -> None:
    """Put new tokens into the row (unsaved). Without rotation the refresh token stays."""
    row.access_token = tokens.access_token
    row.refresh_token = tokens.refresh_token or row.refresh_token
    row.instance_url = tokens.instance_url
    row.scope = (tokens.scope or row.scope)[:500]
    row.token_generation += 1
    row.status = Connection.Status.AUTHORIZED
    row.status_reason = ""


def refresh_access_token(refused: str, instance_url: str = "") -> str:
    """Exchange an access token that Salesforce refused for a new one.

    Under a lock, with the stored tokens re-read inside it: when somebody else has refreshed
    already, theirs is returned and Salesforce is not asked. A rotated refresh token is
    committed before the new access token is returned. `instance_url` is where the token will be
    used. Raises NotAuthorized (after noting why
    on the connection), Stopped("site_changed") or Transient; a client tries again after that,
    among it after "token request is already being processed".
    """
    result = with_locked_connection_committed(partial(_renew, refused, instance_url))
    if isinstance(result, NotAuthorized):
        raise result
    return result


def _renew(refused: str, instance_url: str, row: Connection) -> str | NotAuthorized:
    check_usable(row)
    if instance_url and row.instance_url != instance_url:
        # Somebody has authorized another organization: its token must not go to the former one.
        raise Stopped(code="org_changed")
    if row.access_token != refused:
        return row.access_token
    _make_sure_it_can_be_stored(row)
    try:
        tokens = request_tokens(row)
    except AuthorizationFailed as failure:
        return _after_failure(row, failure)
    put_tokens(row, tokens)
    _save(row, TOKEN_FIELDS)
    return row.access_token


def _after_failure(row: Connection, failure: AuthorizationFailed) -> NotAuthorized:
    # Returned and not raised, so that the lock's transaction commits what was noted.
    if failure.code == "org_unreachable":
        raise Transient from failure
    if failure.code not in _OURS:
        _mark_lost(row, failure.code)
    return not_authorized(failure.code)


def _mark_lost(row: Connection, code: str) -> None:
    row.status = Connection.Status.NEEDS_AUTHORIZATION
    row.status_reason = code[:100]
    _save(row, ["status", "status_reason"])


def mark_refused(token: str) -> None:
    """Salesforce refused a token that was fresh: unless it was replaced meanwhile, stop here."""

    def mark(row: Connection) -> None:
        if row.is_authorized and row.access_token == token:
            _mark_lost(row, "session_refused")

    with_locked_connection_committed(mark)


def check_usable(row: Connection) -> None:
    """Raise NotAuthorized or Stopped("site_changed") when the connection must not be used."""
    if not row.is_authorized:
        raise not_authorized(row.status_reason)
    if isinstance(row.access_token, UnreadableSecret):
        raise not_authorized("unreadable_secret")
    if not site_matches(row):
        raise Stopped(code="site_changed")


def not_authorized(code: str) -> NotAuthorized:
    """NotAuthorized with the words of the reason, where there is one."""
    reason = REASONS.get(code)
    error = NotAuthorized(f"{reason.text} {reason.cure}" if reason else "")
    error.detail = code
    return error


def _make_sure_it_can_be_stored(row: Connection) -> None:
    """Before a refresh token is spent: SQLite may be locked by the caller's own transaction."""
    try:
        Connection.objects.filter(pk=row.pk).update(token_generation=row.token_generation)
    except OperationalError:
        raise Transient from None


def _save(row: Connection, fields: list[str]) -> None:
    """Save; on SQLite other writers may be in the way longer than its own time-out."""
    in_transaction = connections[router.db_for_write(Connection)].in_atomic_block
    for pause in () if in_transaction else (0.5, 1, 2, 4, 8):
        try:
            return row.save(update_fields=fields)
        except OperationalError:
            time.sleep(pause)
    return row.save(update_fields=fields)
