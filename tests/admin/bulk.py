"""The bulk actions of the contact list, used as the list does."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from tests.admin.people import client_of
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.models import LeadLink


LIST = reverse("wagtail_salesforce_contacts:index")


class Done:
    """What an erasure answers."""

    protected = 0

    def __init__(self, contacts: int) -> None:
        self.contacts = contacts


def editor() -> Any:
    """Somebody who may do everything with contacts."""
    return client_of("view_contact", "change_contact", "replicate_contact", "erase_contact")


def three_people() -> list[Contact]:
    """Ada, Grace and Alan."""
    names = ("Ada", "Grace", "Alan")
    return [Contact.objects.create(first_name=n, email=f"{n}@example.org") for n in names]


def url_of(action: str, *ids: Any, **parameters: Any) -> str:
    """The page that asks about the action: for these contacts, or for all that a list finds."""
    query = urlencode({"id": ids or ["all"], "next": LIST, **parameters}, doseq=True)
    return f"/admin/bulk/wagtail_salesforce/contact/{action}/?{query}"


def asked(client: Any, url: str) -> dict[str, Any]:
    """The hidden values of the page that asks."""
    response = client.get(url)
    assert response.status_code == 200
    form = response.context["form"]
    return {name: form[name].value() for name in ("count", "highest")}


def act(client: Any, url: str, **data: Any) -> Any:
    """Ask for it and confirm it."""
    return client.post(url, {**asked(client, url), **data}, follow=True)


def links(**state: Any) -> set[str]:
    """First names of the contacts whose lead links are so."""
    return set(LeadLink.objects.filter(**state).values_list("contact__first_name", flat=True))
