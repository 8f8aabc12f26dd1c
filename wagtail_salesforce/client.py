"""Salesforce for a site's own code.

from wagtail_salesforce.client import get_client

The clients made here leave the API reserve of the replication settings alone: a call that would
touch it raises Stopped("api_reserve").
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from wagtail_salesforce.connection import session
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.usage import save_usage_soon
from wagtail_salesforce.exceptions import ConnectorError
from wagtail_salesforce.replication.allowance import (
    FRESH,
    Allowance,
    allowance_for,
    check_allowance,
    known_usage,
)
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.salesforce.client import RowResult, SalesforceClient, Usage, format_soql
from wagtail_salesforce.salesforce.given import one_word, stripped
from wagtail_salesforce.salesforce.own_code import for_own_code


__all__ = [
    "RowResult",
    "SalesforceClient",
    "Usage",
    "client_with_credentials",
    "client_with_token",
    "format_soql",
    "get_client",
]


JUST_NOW = timedelta(minutes=1)


def get_client() -> SalesforceClient:
    """A client for the organization that the site is connected with; threads may share it.

    Close it, best by a `with` block: then the API calls used stand on the panel. Raises
    NotAuthorized when somebody has to authorize first, and Stopped("site_changed") when this
    database seems to be a copy of another site's.
    """
    client = session.get_client()
    client.on_close = lambda: _note_usage(client)
    return _keeping_reserve(client)


def _note_usage(client: SalesforceClient) -> None:
    # What was told long ago might overwrite what others have been told since.
    if client.usage_at and timezone.now() - client.usage_at < JUST_NOW:
        save_usage_soon(client.usage)


def client_with_token(instance_url: str, access_token: str) -> SalesforceClient:
    """A client with an access token of your own, for any organization.

    The token is neither renewed nor stored: once it has expired, calls raise
    NotAuthorized("token_refused"). Raises AuthorizationFailed("host_not_allowed") for an address
    that is not Salesforce's, or has a path; ValueError for what no token can be.
    """
    url, token = stripped("instance_url", instance_url), one_word("access_token", access_token)
    if not token:
        raise ValueError("access_token is empty.")
    return _keeping_reserve(session.client_with_token(url, token))


def client_with_credentials(login_url: str, client_id: str, client_secret: str) -> SalesforceClient:
    """A client with an app of your own, by client credentials, for any organization.

    Nothing of it is stored; an expired token is renewed. Raises AuthorizationFailed, Transient or
    Stopped; ValueError for what no key or secret can be.
    """
    url = stripped("login_url", login_url)
    key, secret = one_word("client_id", client_id), one_word("client_secret", client_secret)
    return _keeping_reserve(session.client_with_credentials(url, key, secret))


def _keeping_reserve(client: SalesforceClient) -> SalesforceClient:
    percent, connection = ReplicationSettings.load().api_reserve_percent, Connection.load()
    if client.instance_url == connection.instance_url:
        known = known_usage(connection)
        allowance = allowance_for(client, percent, known, asks=False)
    else:
        # Another organization has calls of its own.
        known = None
        allowance = Allowance(client, percent, known)
    client.set_guard(_Hourly(client, allowance.guard))
    client.foresee = _worded(
        lambda calls: check_allowance(client.usage or known, percent, calls - 1)
    )
    client.set_wording(for_own_code)
    return client


def _worded(check: Callable[[int], None]) -> Callable[[int], None]:
    def worded(calls: int) -> None:
        try:
            check(calls)
        except ConnectorError as error:
            raise for_own_code(error) from None

    return worded


class _Hourly:
    """A guard of clients that live long.

    What an answer told is believed for an hour; then one call goes out in any case, to look again.
    """

    def __init__(
        self, client: SalesforceClient, guard: Callable[[Usage | None, int], None]
    ) -> None:
        self._client, self._guard = client, guard
        self._looked_at = timezone.now()

    def __call__(self, told: Usage | None, unknown: int) -> None:
        now = timezone.now()
        if now - max(self._client.usage_at or self._looked_at, self._looked_at) > FRESH:
            self._looked_at = now
        else:
            self._guard(told, unknown)
