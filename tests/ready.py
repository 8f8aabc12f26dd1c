"""Brings the test site to where replication works, in one line."""

from __future__ import annotations

from typing import Any

from tests.connecting import connect
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.mapping.suggest import suggest
from wagtail_salesforce.replication.engine import Request, RunResult, replicate
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings, Run
from wagtail_salesforce.replication.preflight import attribute_types


EXTERNAL_ID = "Web_Contact_ID__c"

#: A mapping of plain fields, for tests that do not care about the suggestion.
PLAIN = {
    "LastName": {"source": "field", "name": "last_name"},
    "FirstName": {"source": "field", "name": "first_name"},
    "Email": {"source": "field", "name": "email"},
    "Title": {"source": "field", "name": "job_title"},
    "Phone": {"source": "field", "name": "business_phone"},
    "City": {"source": "field", "name": "city"},
    "Company": {"source": "custom", "name": "company_name"},
}


def ready(org: Any, *, fields: dict[str, Any] | None = None, **changes: Any) -> ReplicationSettings:
    """Connect to the practice org, map, and switch replication on."""
    connect(org)
    mapping, _created = Mapping.objects.update_or_create(
        name="Leads", defaults={"external_id_field": EXTERNAL_ID, "fields": fields or PLAIN}
    )
    settings = ReplicationSettings.load()
    settings.mapping, settings.enabled = mapping, True
    settings.default_company_name = "Unknown"
    for name, value in changes.items():
        setattr(settings, name, value)
    settings.save()
    org.clear_calls()
    return settings


def suggested() -> dict[str, Any]:
    """The fields of the mapping that the app suggests for the connected org."""
    return suggest(lead_describe(), attribute_types())


def run(**request: Any) -> RunResult:
    """Replicate to the end."""
    return replicate(Request(Run.Trigger.COMMAND, **request))


def make_contacts(count: int, **values: Any) -> list[Contact]:
    """Contacts with links, made the quick way and therefore without signals."""
    made = Contact.objects.bulk_create(
        Contact(
            **{
                "email": f"person{number}@example.org",
                "email_key": f"person{number}@example.org",
                "first_name": "Ada",
                "last_name": f"Person {number}",
                "company_name": "Example",
                **values,
            }
        )
        for number in range(count)
    )
    contacts = list(Contact.objects.order_by("pk")) if made and made[0].pk is None else made
    LeadLink.objects.bulk_create(LeadLink(contact=contact) for contact in contacts)
    return contacts
