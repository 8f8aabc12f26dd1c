"""Writes many rows into the contacts in a number of statements that does not depend on theirs.

Nothing saves a contact by itself here, so no signals are sent: what happened is told once to
`contacts.changes`, which brings one scoring pass and one due mark for the whole batch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from types import SimpleNamespace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts import bulk
from wagtail_salesforce.contacts.attempts import in_one_piece
from wagtail_salesforce.contacts.changes import ContactChange, gather_changes
from wagtail_salesforce.contacts.filling import fill
from wagtail_salesforce.contacts.importing.cells import Draft
from wagtail_salesforce.contacts.models import Activity, Contact, ImportedAddress


ACTIVITY_TYPE = "contact_import"


@dataclass(frozen=True)
class Manner:
    """How the rows of an import are written; a dry run only says what would happen."""

    import_id: int
    overwrite: bool
    record_activity: bool
    dry_run: bool
    title: str = ""


@dataclass
class Outcome:
    """How many rows created, updated or did not change a contact, and notes by line number."""

    counts: Counter[str] = field(default_factory=Counter)
    notes: list[tuple[int, str]] = field(default_factory=list)


class _NewContact(SimpleNamespace):
    """Stands in for a contact that does not exist yet: it is filled and inserted like one.

    Making an instance of the model takes several times as long.
    """


@dataclass
class _Person:
    """A contact of the batch; `columns` are those that the rows have changed."""

    contact: Any
    columns: set[str] = field(default_factory=set)
    created: bool = False


def write(drafts: list[Draft], manner: Manner) -> Outcome:
    """Fill, make and save the contacts of these rows; a later row of an address adds to it.

    Repeated when somebody else has just made one of the contacts.
    """
    return in_one_piece(lambda attempt: _Batch(drafts, manner).write()) if drafts else Outcome()


class _Batch:
    def __init__(self, drafts: list[Draft], manner: Manner) -> None:
        self.drafts, self.manner = drafts, manner
        self.now = timezone.now()
        self.outcome = Outcome()
        self.people = {contact.email_key: _Person(contact) for contact in self._known()}
        self.met = self._met_before()
        fields = Contact._meta.concrete_fields
        own = {"email", "email_key", "attributes"}
        self.blank = {f.attname: f.get_default() for f in fields if f.attname not in own}

    def _known(self) -> Iterable[Contact]:
        """The contacts that exist, locked in the order of their numbers."""
        keys = {draft.key for draft in self.drafts}
        contacts = Contact.objects.filter(email_key__in=bulk.among(keys))
        if not self.manner.dry_run:
            contacts = contacts.select_for_update()
        return contacts.order_by("pk")

    def _met_before(self) -> set[int]:
        """The hashes of this batch's addresses that earlier batches have met."""
        digests = {digest(draft.key) for draft in self.drafts}
        rows = ImportedAddress.objects.filter(
            contact_import_id=self.manner.import_id, digest__in=bulk.among(digests, "bigint")
        )
        return set(rows.values_list("digest", flat=True))

    def write(self) -> Outcome:
        fresh = []
        for draft in self.drafts:
            number = digest(draft.key)
            if repeated := number in self.met:
                self._note_repetition(draft)
            else:
                self.met.add(number)
                fresh.append(number)
            self._take(draft, repeated)
        self._remember(fresh)
        if not self.manner.dry_run:
            self._save()
        return self.outcome

    def _note_repetition(self, draft: Draft) -> None:
        self.outcome.counts["repeated"] += 1
        note = _("The e-mail address stands in an earlier row as well. Both fill the same contact.")
        self.outcome.notes.append((draft.line, note))

    def _take(self, draft: Draft, repeated: bool) -> None:
        person = self.people.get(draft.key)
        # In a dry run, a contact of an earlier batch exists only in thought.
        created = person is None and not repeated
        if person is None:
            contact = _NewContact(**self.blank, email=draft.email, email_key=draft.key)
            contact.attributes = {}
            person = self.people[draft.key] = _Person(contact, created=True)
        changed = fill(
            person.contact, draft.fields, draft.attributes, overwrite=self.manner.overwrite
        )
        person.columns |= changed
        known = "updated" if changed or (repeated and person.created) else "unchanged"
        self.outcome.counts["created" if created else known] += 1
        self.outcome.notes += [(draft.line, note) for note in draft.notes]

    def _remember(self, digests: list[int]) -> None:
        rows = [
            {"contact_import_id": self.manner.import_id, "digest": number} for number in digests
        ]
        bulk.insert(ImportedAddress, rows, ignore_conflicts=True)

    def _save(self) -> None:
        if self.manner.record_activity:
            self._note_activity()
        people = sorted(self.people.values(), key=lambda person: person.contact.email_key or "")
        created = [person for person in people if person.created]
        updated = [person for person in people if person.columns and not person.created]
        _insert(created)
        for person in updated:
            person.contact.modified_at = self.now
        contacts = [person.contact for person in updated]
        bulk.update(contacts, {*_columns(updated), "modified_at"}, unique="email_key")
        if self.manner.record_activity:
            self._add_activities()
        with gather_changes() as changes:
            touched = people if self.manner.record_activity else created + updated
            changes.update({person.contact.pk: self._change(person) for person in touched})

    def _change(self, person: _Person) -> ContactChange:
        fields = {"*"} if person.created else person.columns
        types = {ACTIVITY_TYPE} if self.manner.record_activity else set()
        return ContactChange(person.created, fields, types, locked=True)

    def _note_activity(self) -> None:
        for person in self.people.values():
            last: datetime | None = person.contact.last_activity_at
            if last is None or last < self.now:
                person.contact.last_activity_at = self.now
                person.columns.add("last_activity_at")

    def _add_activities(self) -> None:
        """One activity for each row, with what was noteworthy about it."""
        comments: dict[int, list[str]] = {}
        for line, note in self.outcome.notes:
            comments.setdefault(line, []).append(note)
        Activity.objects.bulk_create(
            Activity(
                contact_id=self.people[draft.key].contact.pk,
                type=ACTIVITY_TYPE,
                title=self.manner.title,
                campaign=draft.fields.get("campaign") or "",
                comment="\n".join(comments.get(draft.line, [])),
                occurred_at=self.now,
            )
            for draft in self.drafts
        )


def _columns(people: list[_Person]) -> set[str]:
    return set().union(*(person.columns for person in people))


def _insert(people: list[_Person]) -> None:
    columns = ["email", "email_key", *sorted(_columns(people))]
    contacts = [person.contact for person in people]
    rows = [{name: getattr(contact, name) for name in columns} for contact in contacts]
    numbers = bulk.insert(Contact, rows)
    if numbers is None:  # MySQL does not tell them
        keys = [contact.email_key for contact in contacts]
        known = dict(Contact.objects.filter(email_key__in=keys).values_list("email_key", "pk"))
        numbers = [known[key] for key in keys]
    for contact, number in zip(contacts, numbers, strict=True):
        contact.pk = number


def digest(key: str) -> int:
    """64 bits that stand for an address among those of one file."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)
