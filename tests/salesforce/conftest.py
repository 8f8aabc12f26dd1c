"""A client of the practice org, without Django's part of the connection."""

from __future__ import annotations

import pytest

from wagtail_salesforce.salesforce import spool
from wagtail_salesforce.salesforce.client import SalesforceClient


@pytest.fixture
def make_client():
    """Makes clients that do not sleep, and closes them."""
    made = []

    def make(url, token="token", **options):
        options.setdefault("sleep", lambda seconds: None)
        options.setdefault("api_version", "66.0")
        client = SalesforceClient(
            instance_url=url,
            access_token=token,
            allow_loopback=True,
            **options,
        )
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(org, make_client):
    """A client with a good token of the practice org."""
    return make_client(org.url, org.client_credentials_token()["access_token"])


@pytest.fixture
def small_jobs(monkeypatch):
    """Jobs of three rows."""
    monkeypatch.setattr(spool, "MOST_ROWS", 3)
