"""What the part "Organization access" tells: what the settings give, and where leads are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _

from wagtail_salesforce.admin.words import in_words
from wagtail_salesforce.connection.credentials import Credentials
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.exceptions import AuthorizationFailed
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.salesforce.hosts import parse_address


@dataclass(frozen=True)
class Fixed:
    """A value that the Django settings give. Secrets have no `value`; `when` is the way to
    authorize that needs it, "" for all of them."""

    label: str
    value: str = ""
    when: str = ""


def fixed(known: Credentials) -> list[Fixed]:
    """What the settings give, in the order of the form."""
    rows = {
        "login_url": Fixed(_("Login address"), known.login_url),
        "client_id": Fixed(_("Consumer key"), known.client_id),
        "client_secret": Fixed(_("Consumer secret"), when="secret"),
        "jwt_username": Fixed(_("Salesforce user name"), known.jwt_username, "jwt-bearer"),
        "jwt_private_key": Fixed(_("Private key"), when="jwt-bearer"),
    }
    return [row for name, row in rows.items() if name in known.from_settings]


def fixed_practice_url(known: Credentials) -> str:
    """The practice organization that the settings give as the login address; "" for another."""
    address = parse_address(known.login_url) if "login_url" in known.from_settings else None
    return known.login_url if address and address.is_loopback else ""


def key_trouble(known: Credentials) -> str:
    """What is wrong with the private key of the settings, in words; "" when nothing is."""
    if "jwt_private_key" not in known.from_settings:
        return ""
    try:
        known.private_key()
    except AuthorizationFailed as error:
        return in_words(error)
    return ""


@dataclass(frozen=True)
class KnownLeads:
    """How many leads the site knows in the organization it is connected to, and in others."""

    here: int
    elsewhere: int
    other_orgs: tuple[str, ...]


def known_leads(connection: Connection) -> KnownLeads:
    """Count the lead links by organization."""
    links = LeadLink.objects.exclude(lead_id="").exclude(state=LeadLink.State.ERASED)
    counts = dict(links.order_by().values_list("org_id").annotate(Count("pk")))
    here = counts.pop(connection.org_id, 0)
    return KnownLeads(here, sum(counts.values()), tuple(sorted(filter(None, counts))))
