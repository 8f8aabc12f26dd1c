"""The client with the site's authorization, for replication and for a site's own code."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import NoReturn, Protocol

from django.utils import timezone

from wagtail_salesforce.connection.clients import make_client
from wagtail_salesforce.connection.credentials import Credentials
from wagtail_salesforce.connection.models import Connection, DescribeSnapshot
from wagtail_salesforce.connection.tokens import (
    check_usable,
    mark_refused,
    not_authorized,
    refresh_access_token,
)
from wagtail_salesforce.connection.usage import UsageRecorder
from wagtail_salesforce.exceptions import AuthorizationFailed, NotAuthorized
from wagtail_salesforce.salesforce.client import SalesforceClient
from wagtail_salesforce.salesforce.describe import ObjectDescribe
from wagtail_salesforce.salesforce.oauth import client_credentials


def get_client() -> SalesforceClient:
    """A client for the authorized organization; threads may share it.

    Raises NotAuthorized when somebody has to authorize first, and Stopped("site_changed") when
    this database seems to be a copy of another site's.
    """
    row = Connection.load()
    check_usable(row)
    try:
        return make_client(
            row.instance_url,
            row.access_token,
            refresh=partial(refresh_access_token, instance_url=row.instance_url),
            on_usage=UsageRecorder(),
            on_refused=mark_refused,
        )
    except AuthorizationFailed as failure:
        raise not_authorized(failure.code) from None


def client_with_token(instance_url: str, access_token: str) -> SalesforceClient:
    """A client with an access token of your own, which is neither renewed nor stored.

    Once it has expired, calls raise NotAuthorized("token_refused"); the site's own authorization
    is not touched. Raises AuthorizationFailed("host_not_allowed").
    """
    return make_client(instance_url, access_token, refresh=_refuse)


def _refuse(refused: str) -> NoReturn:
    raise NotAuthorized(code="token_refused")


def client_with_credentials(login_url: str, client_id: str, client_secret: str) -> SalesforceClient:
    """A client with an app of your own, by client credentials; nothing of it is stored.

    Raises AuthorizationFailed, Transient or Stopped; calls raise NotAuthorized when the app gets
    no new token.
    """
    app = Credentials(login_url, client_id, client_secret).app()
    tokens = client_credentials(app)

    def refresh(refused: str) -> str:
        try:
            return client_credentials(app).access_token
        except AuthorizationFailed as failure:
            raise not_authorized(failure.code) from None

    return make_client(
        tokens.instance_url, tokens.access_token, refresh=refresh, on_refused=_refuse
    )


class Describes(Protocol):
    """What reads an object's fields: a client, or what stands in front of one."""

    def describe(self, object_name: str) -> ObjectDescribe: ...


def lead_describe(
    client: Describes | None = None,
    *,
    max_age: int | None = 3600,
    force: bool = False,
    hurry: float | None = None,
) -> ObjectDescribe:
    """The organization's Lead fields, from the last reading if it is young enough.

    `max_age` is in seconds, None for any age; `force` asks Salesforce in any case. `hurry` is for
    pages that somebody waits for: one try of so many seconds. Raises what `get_client` and a call
    raise.
    """
    return object_describe("Lead", client, max_age=max_age, force=force, hurry=hurry)


def object_describe(
    object_name: str,
    client: Describes | None = None,
    *,
    max_age: int | None = 3600,
    force: bool = False,
    hurry: float | None = None,
) -> ObjectDescribe:
    """The same for any object."""
    org_id = Connection.load().org_id
    known = None if force else _snapshot(org_id, object_name, max_age)
    if known is not None:
        return ObjectDescribe.from_json(known.data, known.fetched_at)
    if client is not None:
        return _read(org_id, object_name, client)
    with get_client() as own:
        if hurry is not None:
            own.hurry(hurry)
        return _read(org_id, object_name, own)


def forget_describe(org_id: str, object_name: str = "Lead") -> None:
    """The org's fields turned out to be others than the last reading says: let it grow old.

    It stays on record, so that the admin can show what the mapping was made for.
    """
    known = DescribeSnapshot.objects.filter(org_id=org_id, object_name=object_name)
    known.update(fetched_at=timezone.now() - timedelta(days=1))


def _snapshot(org_id: str, object_name: str, max_age: int | None) -> DescribeSnapshot | None:
    found = DescribeSnapshot.objects.filter(org_id=org_id, object_name=object_name)
    if max_age is not None:
        found = found.filter(fetched_at__gt=timezone.now() - timedelta(seconds=max_age))
    return found.first()


def _read(org_id: str, object_name: str, client: Describes) -> ObjectDescribe:
    describe = client.describe(object_name)
    now = timezone.now()
    DescribeSnapshot.objects.update_or_create(
        org_id=org_id,
        object_name=object_name,
        defaults={"data": describe.to_json(), "fetched_at": now},
    )
    return replace(describe, read_at=now)
