"""Turns a window of due links into leads to send, and into outcomes that need no call."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from wagtail_salesforce.contacts import bulk
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.mapping.companies import company_names
from wagtail_salesforce.mapping.compile import CompiledMapping
from wagtail_salesforce.replication.claim import DueLink, Selection, eligible
from wagtail_salesforce.replication.extensions import OutgoingLead, run_payload_hooks
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.outcomes import Kind, Outcome, suspended


@dataclass(frozen=True)
class Prepared:
    """What a window comes to."""

    leads: list[OutgoingLead]
    outcomes: list[Outcome]


@dataclass(frozen=True)
class Preparer:
    """Prepares windows with one compiled mapping; a constant number of statements each."""

    compiled: CompiledMapping
    settings: ReplicationSettings
    selection: Selection

    def prepare(self, window: list[DueLink]) -> Prepared:
        """Check who may be sent, read and map them, run the site's hooks, drop the unchanged."""
        contacts = self._read_contacts(window)
        outcomes = [
            _outcome(Kind.RELEASED, link) for link in window if link.contact_id not in contacts
        ]
        leads = self._map([link for link in window if link.contact_id in contacts], contacts)
        run_payload_hooks(leads, self.compiled.external_id_field)
        return Prepared(list(_to_send(leads, outcomes)), outcomes)

    def _read_contacts(self, window: list[DueLink]) -> dict[int, tuple[Any, ...]]:
        """The mapped columns of the contacts that may be sent, by contact id."""
        ids = eligible(window, self.settings, self.selection)
        rows = Contact.objects.filter(pk__in=bulk.among(ids, "bigint"))
        consent = self.settings.consent_attribute
        if not consent:
            return {row[0]: row for row in rows.values_list(*self.compiled.columns)}
        asked = rows.values_list("attributes", *self.compiled.columns)
        return {row[1]: row[1:] for row in asked if _agrees(row[0], consent)}

    def _map(
        self, links: list[DueLink], contacts: dict[int, tuple[Any, ...]]
    ) -> list[OutgoingLead]:
        names = company_names(self.compiled.without_company(list(contacts.values())))
        convert = self.compiled.map
        return [
            _outgoing(link, convert(contacts[link.contact_id], names.get(link.contact_id)))
            for link in links
        ]


def _agrees(attributes: Any, consent: str) -> bool:
    return isinstance(attributes, dict) and attributes.get(consent) is True


def _outgoing(link: DueLink, mapped: Any) -> OutgoingLead:
    payload, refusals, shortened = mapped
    lead = OutgoingLead(
        link.id,
        link.contact_id,
        link.external_id,
        link.lead_id,
        link.version,
        link.fingerprint,
        link.attempts,
        payload,
        shortened=shortened,
    )
    if refusals:
        lead.refuse(refusals[0].message, refusals[0].code)
    return lead


def _to_send(leads: list[OutgoingLead], outcomes: list[Outcome]) -> Any:
    """Yield what has to travel; what has not is appended to the outcomes."""
    for lead in leads:
        if lead.refusal_code:
            outcomes.append(suspended(lead, lead.refusal_code, lead.refusal_message))
            continue
        before, lead.fingerprint = lead.fingerprint, fingerprint(lead.payload)
        if lead.lead_id and before == lead.fingerprint:
            outcomes.append(_unchanged(lead))
        else:
            yield lead


def fingerprint(payload: dict[str, Any]) -> str:
    """A hash of a payload, 32 hex digits; equal payloads in the same field order are equal."""
    return hashlib.blake2b(orjson.dumps(payload), digest_size=16).hexdigest()


def _unchanged(lead: OutgoingLead) -> Outcome:
    return Outcome(Kind.UNCHANGED, lead.link_id, lead.contact_id, lead.version)


def _outcome(kind: Kind, link: DueLink) -> Outcome:
    return Outcome(kind, link.id, link.contact_id, link.version)
