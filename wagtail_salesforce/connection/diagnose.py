"""Test connection: what is wrong, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import orjson
import requests
from django.utils.formats import number_format
from django.utils.translation import gettext

from wagtail_salesforce.conf import conf
from wagtail_salesforce.connection.credentials import credentials
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import get_client, lead_describe
from wagtail_salesforce.connection.tokens import (
    check_usable,
    refresh_access_token,
    request_tokens,
)
from wagtail_salesforce.exceptions import (
    REASONS,
    ConnectorError,
    NotAuthorized,
    RequestRefused,
    Transient,
)
from wagtail_salesforce.salesforce.client import SalesforceClient
from wagtail_salesforce.salesforce.oauth import App, TokenSession
from wagtail_salesforce.salesforce.oauth_errors import clock_is_wrong


@dataclass(frozen=True)
class Finding:
    """One thing found out. `cure` says what to do next; it is "" when all is well."""

    level: Literal["ok", "error"]
    code: str
    text: str
    cure: str = ""


def test_connection() -> list[Finding]:
    """Try everything from the login address to the Lead object; says what is wrong.

    A connection that works has findings of level "ok" only. No exception comes out of here
    for anything that Salesforce, the network or the settings do.
    """
    findings: dict[str, Finding] = {}
    try:
        for finding in _look(Connection.load()):
            findings[finding.code] = finding
    except ConnectorError as error:
        finding = _trouble(error)
        findings.setdefault(finding.code, finding)
    return list(findings.values())


# pytest takes every function of that name for a test.
test_connection.__test__ = False  # type: ignore[attr-defined]


def _look(row: Connection) -> Iterator[Finding]:
    given, is_jwt = credentials(row), row.flow == Connection.Flow.JWT_BEARER
    app = given.app(needs_secret=not is_jwt)
    if is_jwt:
        given.private_key()
    login = _look_at_login(app)
    yield from login
    if not row.is_authorized and row.flow != Connection.Flow.WEB_SERVER:
        # Nobody is needed for these flows, so that trying says what is wrong.
        request_tokens(row)
        raise NotAuthorized
    check_usable(row)
    # The token at hand may outlive a changed secret or an inactive user by hours; asking for a
    # new one is what tells.
    if not any(finding.code == "org_unreachable" for finding in login):
        refresh_access_token(row.access_token, row.instance_url)
    with get_client() as client:
        yield from _look_inside(client)


def _look_at_login(app: App) -> list[Finding]:
    """Is there an organization at the login address, does it know our version, is it now now?"""
    with TokenSession(app) as session:
        try:
            answer = session.request("GET", f"{app.origin}/services/data/")
        except Transient as error:
            return [_finding("org_unreachable") if error.untouched else _trouble(error)]
    versions = _versions(answer)
    checks = {
        "org_unreachable": not versions,
        "api_version": bool(versions) and conf().API_VERSION not in versions,
        "clock_wrong": clock_is_wrong(answer.headers),
    }
    return [_finding(code) for code, is_wrong in checks.items() if is_wrong]


def _versions(answer: requests.Response) -> list[str]:
    """REST guide, "List Available REST API Versions": needs no authorization."""
    try:
        return [str(item["version"]) for item in orjson.loads(answer.content)]
    except (orjson.JSONDecodeError, TypeError, KeyError):
        return []


def _look_inside(client: SalesforceClient) -> Iterator[Finding]:
    user = client.userinfo()
    try:
        describe = lead_describe(client, force=True)
    except RequestRefused:
        yield _finding("leads_hidden")
        return
    if not any(field.createable for field in describe.fields.values()):
        yield _finding("leads_read_only")
    row = Connection.load()
    yield Finding(
        "ok",
        "connected",
        gettext("Connected to %(org)s as %(user)s.")
        % {"org": row.org_name, "user": user.get("preferred_username") or row.user_name},
    )
    if client.usage:
        words = gettext("%(used)s of %(max)s API calls were used in the last 24 hours.")
        used, most = client.usage.used, client.usage.max
        numbers = {
            "used": number_format(used, force_grouping=True),
            "max": number_format(most, force_grouping=True),
        }
        yield Finding("ok", "usage", words % numbers)


def _trouble(error: ConnectorError) -> Finding:
    if isinstance(error, NotAuthorized) and error.detail in REASONS:
        return _finding(error.detail)
    return Finding("error", error.code, error.message, error.cure)


def _finding(code: str) -> Finding:
    reason = REASONS[code]
    return Finding("error", code, str(reason.text), str(reason.cure))
