"""Giving the authorization up, here and at Salesforce."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.utils.translation import gettext

from wagtail_salesforce.connection.credentials import credentials
from wagtail_salesforce.connection.lock import with_locked_connection
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.secrets import UnreadableSecret
from wagtail_salesforce.connection.site import site_matches
from wagtail_salesforce.exceptions import AuthorizationFailed, ConnectorError
from wagtail_salesforce.salesforce import oauth
from wagtail_salesforce.salesforce.oauth import App


logger = logging.getLogger("wagtail_salesforce")


@dataclass(frozen=True)
class Cleared:
    """What became of the authorization. `revoked` says whether Salesforce has ended it, too;
    `is_copy` that it was left to the site that this database was copied from."""

    revoked: bool
    message: str
    is_copy: bool = False


def clear() -> Cleared:
    """Revoke the tokens at Salesforce, then forget them, also when revoking failed.

    Key, secret, login address and private key stay, so that it can be authorized again. In a
    copied database the tokens are only forgotten: the site it was copied from lives by them.
    """
    return with_locked_connection(_clear)


def _clear(row: Connection) -> Cleared:
    token = row.refresh_token or row.access_token
    is_copy = bool(token) and not site_matches(row)
    is_unreadable = isinstance(token, UnreadableSecret)
    revoked = not is_copy and not is_unreadable and (not token or _revoke_for(row, token))
    blank = Connection(pk=row.pk)
    kept = ("login_url", "flow", "client_id", "client_secret", "jwt_username", "jwt_private_key")
    for name in kept:
        setattr(blank, name, getattr(row, name))
    # It still grows, so that a worker with an old token sees that it is gone.
    blank.token_generation = row.token_generation + 1
    blank.save()
    return Cleared(revoked, _words_for_a_copy() if is_copy else _words(revoked), is_copy)


def _revoke_for(row: Connection, token: str) -> bool:
    needs_secret = False
    try:
        return try_to_revoke(credentials(row).app(needs_secret=needs_secret), token)
    except AuthorizationFailed:
        return False


def try_to_revoke(app: App, token: str) -> bool:
    """Whether Salesforce has ended the token."""
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


def _words_for_a_copy() -> str:
    return gettext(
        "This copy has forgotten the access to the Salesforce organization. Nothing was ended in "
        "Salesforce, so that the site it was copied from goes on as before."
    )
