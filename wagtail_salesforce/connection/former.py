"""What becomes of the former authorization when the same organization is authorized again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from django.db import router, transaction

from wagtail_salesforce.connection.clear import try_to_revoke
from wagtail_salesforce.connection.credentials import credentials
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.secrets import UnreadableSecret
from wagtail_salesforce.connection.site import site_matches
from wagtail_salesforce.exceptions import AuthorizationFailed
from wagtail_salesforce.salesforce.oauth import App


@dataclass(frozen=True)
class Former:
    """A refresh token that serves nobody any more, and the app it was given to."""

    app: App
    token: str


def former_of(row: Connection, *, org_id: str, refresh_token: str) -> Former | None:
    """What the stored row, not yet changed, has to give up for a new token of this organization.

    Nothing where the token stays the same, or belongs to another organization, or to the site
    that this database was copied from, which lives by it.
    """
    token = row.refresh_token
    if not token or isinstance(token, UnreadableSecret) or token == refresh_token:
        return None
    if row.org_id != org_id or not site_matches(row):
        return None
    try:
        return Former(credentials(row).app(needs_secret=False), token)
    except AuthorizationFailed:
        return None


def give_up(former: Former | None) -> None:
    """Revoke it at Salesforce once the new one is stored for good.

    It would live on for years otherwise, and count among the five that a user may give to an app.
    The new authorization works whether this succeeds or not.
    """
    if former is None:
        return
    work = partial(try_to_revoke, former.app, former.token)
    transaction.on_commit(work, using=router.db_for_write(Connection), robust=True)
