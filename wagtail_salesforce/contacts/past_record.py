"""Records many things that people did at once, in a number of statements that does not grow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from wagtail_salesforce.contacts.changes import note_change
from wagtail_salesforce.contacts.emails import email_key
from wagtail_salesforce.contacts.facts import Facts
from wagtail_salesforce.contacts.filling import fill
from wagtail_salesforce.contacts.models import Activity, Contact


class _People:
    """The contacts of a batch by the key of their e-mail, and which of their columns changed."""

    def __init__(self, keys: Iterable[str]) -> None:
        known = Contact.objects.select_for_update().filter(email_key__in=sorted(set(keys)))
        self.contacts: dict[str, Contact] = {}
        self.changed: dict[str, set[str]] = {}
        for contact in known.order_by("pk"):
            if contact.email_key:
                self.contacts[contact.email_key] = contact

    def take(self, facts: Facts) -> Contact:
        """Fill the contact, known or new, with the facts; nothing is saved."""
        key = email_key(facts.email) or ""
        if key not in self.contacts:
            self.contacts[key] = Contact(email=facts.email, email_key=key)
        contact = self.contacts[key]
        changed = self.changed.setdefault(key, set())
        changed |= fill(
            contact,
            facts.fields,
            facts.attributes,
            overwrite=facts.overwrite,
            consent=facts.consent,
        )
        if contact.last_activity_at is None or contact.last_activity_at < facts.occurred_at:
            contact.last_activity_at = facts.occurred_at
            changed.add("last_activity_at")
        return contact

    def save(self) -> None:
        """Write all contacts down, and say what changed of them."""
        new = [contact for contact in self.contacts.values() if contact.pk is None]
        old = {key: contact for key, contact in self.contacts.items() if contact.pk is not None}
        self._insert(new)
        columns = set().union(*(self.changed.get(key, ()) for key in old))
        if columns:
            now = timezone.now()
            touched = [old[key] for key in old if self.changed.get(key)]
            for contact in touched:
                contact.modified_at = now
            Contact.objects.bulk_update(touched, sorted(columns | {"modified_at"}))
        for contact in new:
            note_change(contact.pk, created=True, fields={"*"}, locked=True)
        for key, contact in old.items():
            note_change(contact.pk, fields=self.changed.get(key) or set(), locked=True)

    @staticmethod
    def _insert(contacts: Sequence[Contact]) -> None:
        if not contacts:
            return
        Contact.objects.bulk_create(contacts)
        if contacts[0].pk is None:
            # MySQL does not tell the ids of rows that are written together.
            keys = [contact.email_key for contact in contacts]
            rows = Contact.objects.filter(email_key__in=keys).values_list("email_key", "pk")
            ids = dict(rows)
            for contact in contacts:
                contact.pk = ids[contact.email_key]


def record_many(batch: Sequence[Facts]) -> list[Contact]:
    """Record things that people did in the past, in their order; the contact of each.

    At most four statements besides the databases' own limits on the length of one, inside the
    caller's unit of work (`gather_changes`), which tells of all of them once. Raises
    IntegrityError when somebody else has just made one of the contacts.
    """
    with transaction.atomic():
        people = _People(filter(None, (email_key(facts.email) for facts in batch)))
        contacts = [people.take(facts) for facts in batch]
        people.save()
        Activity.objects.bulk_create(map(_activity, contacts, batch))
    for contact, facts in zip(contacts, batch, strict=True):
        note_change(contact.pk, activity_type=facts.activity_type, locked=True)
    return contacts


def _activity(contact: Contact, facts: Facts) -> Any:
    return Activity(
        contact=contact,
        type=facts.activity_type,
        title=facts.title,
        value=facts.value,
        page_id=facts.page_id,
        url=facts.url,
        campaign=facts.fields.get("campaign") or facts.campaign,
        comment="\n".join(facts.notes),
        occurred_at=facts.occurred_at,
    )
