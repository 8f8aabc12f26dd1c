"""Every form of the site beside its connection: what an editor looks for first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, TextChoices
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.admin.form_connections_pages import (
    field_names,
    form_pages,
    page_model,
    page_titles,
)
from wagtail_salesforce.contacts.connections import used_fields
from wagtail_salesforce.contacts.models import FormConnection, LedgerEntry


class Status(TextChoices):
    """How a form stands."""

    NOT_CONNECTED = "not_connected", _("Not connected")
    CONNECTED = "connected", _("Connected")
    OFF = "off", _("Switched off")
    GONE = "gone", _("Form page is gone")


@dataclass(frozen=True)
class Counts:
    """How many submissions of one form are on the ledger, by what became of them."""

    captured: int = 0
    waiting: int = 0
    refused: int = 0


@dataclass(frozen=True)
class FormRow:
    """One form of the overview: a page, a connection, or both."""

    title: str
    page: Any = None
    connection: FormConnection | None = None
    status: Status = Status.NOT_CONNECTED
    counts: Counts = field(default_factory=Counts)


def vanished(rows: Iterable[FormRow]) -> dict[int, int]:
    """How many fields of each connection, by its id, are no longer on their form.

    Two statements for each type of page, however many forms there are.
    """
    connections = {
        row.connection.page_id: row.connection for row in rows if row.connection and row.page
    }
    pages = page_model().objects.filter(pk__in=connections).specific()
    found = {}
    for page_id, present in field_names(pages).items():
        connection = connections[page_id]
        found[connection.pk] = sum(name not in present for name in used_fields(connection))
    return found


def overview(user: Any) -> list[FormRow]:
    """All forms that somebody may edit, those not connected first, then dangling connections."""
    pages = {page.pk: page for page in form_pages(user)}
    connections = {item.page_id: item for item in FormConnection.objects.all()}
    rows = [_page_row(page, connections.get(page.pk)) for page in pages.values()]
    rows.sort(key=lambda row: row.connection is not None)
    return rows + _gone(connections.values(), set(pages))


def _page_row(page: Any, connection: FormConnection | None) -> FormRow:
    return FormRow(page.get_admin_display_title(), page, connection, status_of(connection))


def status_of(connection: FormConnection | None) -> Status:
    """The status of a form whose page exists."""
    if connection is None:
        return Status.NOT_CONNECTED
    return Status.CONNECTED if connection.enabled else Status.OFF


def _gone(connections: Iterable[FormConnection], shown: set[int]) -> list[FormRow]:
    """Connections whose page no longer exists. One that somebody may not edit is no row."""
    others = [item for item in connections if item.page_id not in shown]
    existing = page_titles(item.page_id for item in others)
    gone = [item for item in others if item.page_id not in existing]
    return [FormRow(item.name, None, item, Status.GONE) for item in gone]


def counts(page_ids: Iterable[int]) -> dict[int, Counts]:
    """The counts of the ledger for these pages, in one statement."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    entries = LedgerEntry.objects.filter(page_id__in=list(page_ids)).order_by()
    for page_id, state, number in entries.values_list("page_id", "state").annotate(Count("pk")):
        found[page_id][state] = number
    return {page_id: Counts(**numbers) for page_id, numbers in found.items()}
