"""Whose authorization it is: the names for the panel, and the ids that leads are bound to."""

from __future__ import annotations

from dataclasses import dataclass

from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.exceptions import RequestRefused
from wagtail_salesforce.salesforce.client import SalesforceClient


@dataclass(frozen=True)
class Identity:
    """The user and organization behind a token."""

    org_id: str
    org_name: str
    is_sandbox: bool
    user_id: str
    user_name: str


def identify(client: SalesforceClient) -> Identity:
    """Ask Salesforce who we are. Ids come from userinfo, never out of the token itself."""
    user = client.userinfo()
    name, is_sandbox = _organization(client)
    return Identity(
        org_id=str(user["organization_id"])[:18],
        org_name=(name or str(user["organization_id"]))[:255],
        is_sandbox=is_sandbox,
        user_id=str(user["user_id"])[:18],
        user_name=str(user.get("preferred_username") or user.get("name") or "")[:255],
    )


def _organization(client: SalesforceClient) -> tuple[str, bool]:
    """The organization's name and kind; a user without the right to read it gets ("", False)."""
    try:
        found = list(client.query("SELECT Id, Name, IsSandbox FROM Organization"))
    except RequestRefused:
        return "", False
    return (str(found[0]["Name"]), bool(found[0]["IsSandbox"])) if found else ("", False)


def put_identity(row: Connection, identity: Identity) -> None:
    """Put it into the row (unsaved)."""
    row.org_id, row.org_name = identity.org_id, identity.org_name
    row.is_sandbox = identity.is_sandbox
    row.user_id, row.user_name = identity.user_id, identity.user_name
