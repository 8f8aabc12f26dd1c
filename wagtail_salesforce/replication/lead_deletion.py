"""Deletes the leads of tombstones in the connected organization: two API calls for up to 200."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import get_client
from wagtail_salesforce.connection.usage import save_usage
from wagtail_salesforce.exceptions import Action, Stopped
from wagtail_salesforce.replication.allowance import keep_reserve
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.replication.survivors import SHORT
from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce.client import SalesforceClient, format_soql
from wagtail_salesforce.salesforce.collections import api_name
from wagtail_salesforce.salesforce.errors import classify_row


#: What is put down on a tombstone whose lead is still there.
CONVERTED, OTHER_ORG = "CONVERTED", "OTHER_ORG"


@dataclass
class Found:
    """What became of some tombstones: {(code to put down, name of the count): link ids}."""

    settled: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    locked: list[int] = field(default_factory=list)

    def put_down(self, link_ids: Iterable[int], code: str, count: str) -> None:
        self.settled.setdefault((code, count), []).extend(link_ids)

    def counts(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for (_code, count), ids in self.settled.items():
            counts[count] = counts.get(count, 0) + len(ids)
        return counts


def delete_leads(link_ids: Sequence[int]) -> Found:
    """Delete the leads of these tombstones; at most 200. Records nothing but new lead ids.

    Raises what `get_client` and a call raise, and Stopped("api_reserve").
    """
    found, connection = Found(), Connection.load()
    erased = LeadLink.objects.filter(pk__in=link_ids, state=LeadLink.State.ERASED)
    here = []
    for link in erased.order_by("pk"):
        if link.lead_id and link.org_id != connection.org_id:
            found.put_down([link.pk], OTHER_ORG, "other_org")
        else:
            here.append(link)
    if not any(link.lead_id for link in here) and not ReplicationSettings.load().org_id:
        # Nothing has ever been sent anywhere.
        found.put_down([link.pk for link in here], "", "gone")
    elif here:
        _delete_here(here, connection, found)
    return found


def _delete_here(links: list[LeadLink], connection: Connection, found: Found) -> None:
    settings = ReplicationSettings.load()
    external_id_field = settings.mapping.external_id_field if settings.mapping else ""
    with get_client() as client:
        keep_reserve(client)
        try:
            doomed = _doomed(client, links, external_id_field, found)
            _note_lead_ids(doomed, connection.org_id)
            for link_id, result in zip(doomed, client.delete("Lead", doomed.values()), strict=True):
                _read(link_id, result, found)
        finally:
            save_usage(client.usage)


def _doomed(
    client: SalesforceClient, links: list[LeadLink], external_id_field: str, found: Found
) -> dict[int, str]:
    """The leads to delete, by link id. What is converted is sales' work by now and stays."""
    leads = _leads(client, links, external_id_field)
    doomed: dict[int, str] = {}
    for link in links:
        lead = leads.get(link.lead_id[:SHORT]) or leads.get(link.external_id)
        if lead is None:
            found.put_down([link.pk], "", "gone")
        elif lead["IsConverted"]:
            found.put_down([link.pk], CONVERTED, "converted")
        else:
            doomed[link.pk] = lead["Id"]
    return doomed


def _note_lead_ids(doomed: dict[int, str], org_id: str) -> None:
    """A lead that only its external id led to: should it stay, its tombstone says where."""
    unknown = LeadLink.objects.filter(pk__in=doomed, lead_id="")
    for link_id in list(unknown.values_list("pk", flat=True)):
        LeadLink.objects.filter(pk=link_id).update(lead_id=doomed[link_id], org_id=org_id)


def _leads(
    client: SalesforceClient, links: list[LeadLink], external_id_field: str
) -> dict[str, dict[str, Any]]:
    """The leads that are there, by their short ids and by external id; one API call.

    At most 200 ids of 32 characters fit into the address of a query (16,384 bytes).
    """
    by_id = [link.lead_id for link in links if link.lead_id]
    by_external_id = [link.external_id for link in links if not link.lead_id]
    columns, conditions = ["Id", "IsConverted"], []
    if by_id:
        conditions.append(format_soql("Id IN {}", by_id))
    if by_external_id and external_id_field:
        name = api_name(external_id_field)
        columns.append(name)
        conditions.append(format_soql(f"{name} IN {{}}", by_external_id))
    if not conditions:
        return {}
    chosen = ("SELECT", ", ".join(columns), "FROM Lead WHERE", " OR ".join(conditions))
    rows = client.query(" ".join(chosen))
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        found[row["Id"][:SHORT]] = row
        if len(columns) > 2 and row.get(columns[2]):
            found[row[columns[2]]] = row
    return found


def _read(link_id: int, result: RowResult, found: Found) -> None:
    if result.success:
        return found.put_down([link_id], "", "deleted")
    verdict = classify_row(result.code, result.message, result.fields, by_id=True)
    if verdict.action is Action.RETRY:
        found.locked.append(link_id)
    elif verdict.action is Action.STOP:
        raise Stopped(code=verdict.reason)
    elif verdict.action is Action.EXCLUDE and verdict.reason == "deleted":
        found.put_down([link_id], "", "gone")
    elif verdict.action is Action.EXCLUDE:
        found.put_down([link_id], CONVERTED, "converted")
    else:
        found.put_down([link_id], result.code, "refused")
    return None
