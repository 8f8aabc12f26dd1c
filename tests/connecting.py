"""Authorize the test site against a practice org, in one line."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from wagtail_salesforce.connection.authorize import (
    begin,
    connect_with_client_credentials,
    finish,
)
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.practice_org.control import PracticeOrg


CALLBACK = "http://localhost/admin/salesforce/callback/"


def connect(org: PracticeOrg) -> Connection:
    """Authorize by client credentials; needs the database and ALLOW_LOOPBACK_ORG."""
    return connect_with_client_credentials(org.url, org.CLIENT_ID, org.CLIENT_SECRET)


def connect_by_person(org: PracticeOrg) -> Connection:
    """Authorize by the web server flow, with the org's login and consent pages."""
    row = Connection.load()
    row.login_url, row.client_id, row.client_secret = org.url, org.CLIENT_ID, org.CLIENT_SECRET
    row.save()
    session: dict[str, object] = {}
    callback = org.authorize(begin(session, CALLBACK))
    return finish(session, dict(parse_qsl(urlsplit(callback).query)))
