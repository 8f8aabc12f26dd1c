"""Erasing contacts, so that nothing that remains says anything of the person.

    from wagtail_salesforce.contacts.erase import erase

    erase([contact.pk], delete_leads=True)

The submissions of the site's forms are the site's own and stay; see docs/contacts.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone

from wagtail_salesforce.contacts.attempts import in_one_piece
from wagtail_salesforce.contacts.importing.addresses import forget_imports, imports_naming
from wagtail_salesforce.contacts.leaving import already_seen_to
from wagtail_salesforce.contacts.ledger import forget
from wagtail_salesforce.contacts.models import (
    Activity,
    Company,
    CompanyMembership,
    Contact,
    Visitor,
)
from wagtail_salesforce.contacts.raw import delete_rows
from wagtail_salesforce.contacts.visitors_forget import forget_visits_of
from wagtail_salesforce.signals import contacts_erasing


CHUNK = 1000


@dataclass(frozen=True)
class Erased:
    """How many contacts and activities are gone, and how many leads are to be deleted.

    `protected` contacts are still there: models of the site's own that refer to them with
    `PROTECT` or `RESTRICT` forbid it.
    """

    contacts: int = 0
    activities: int = 0
    leads: int = 0
    protected: int = 0

    def __add__(self, more: Erased) -> Erased:
        return Erased(
            self.contacts + more.contacts,
            self.activities + more.activities,
            self.leads + more.leads,
            self.protected + more.protected,
        )

    def as_counts(self) -> dict[str, int]:
        """The numbers by name, as the counts of a job."""
        counts = {"contacts": self.contacts, "activities": self.activities, "leads": self.leads}
        return {**counts, "protected": self.protected} if self.protected else counts


def erase(contact_ids: Iterable[int], *, delete_leads: bool = False) -> Erased:
    """Erase these contacts with all we know of them; those that are gone already are passed over,
    and those that a model of the site's own protects are counted and stay as they are.

    With `delete_leads` their leads in the connected organization are deleted as well, by jobs
    of the kind "delete_leads" (see `replication.deleting`). A thousand contacts at a time, each
    thousand in a transaction of its own (a savepoint inside one of the caller's), with a number
    of statements that does not depend on how many they are. Stored import files in which one of
    their addresses stands are deleted too.
    """
    ids = sorted(set(contact_ids))
    chunks = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
    return sum((_erase_chunk(chunk, delete_leads) for chunk in chunks), Erased())


def see_to(contacts: Sequence[tuple[int, str | None]], *, delete_leads: bool = False) -> Erased:
    """See to all the rows of contacts that are about to go, given as pairs of id and email_key;
    inside the caller's transaction. What is gone then, the contacts not counted."""
    forget_imports(imports_naming({key for _pk, key in contacts if key}))
    return _see_to(contacts, delete_leads)


def _see_to(contacts: Sequence[tuple[int, str | None]], delete_leads: bool) -> Erased:
    ids = [pk for pk, _key in contacts]
    told = contacts_erasing.send(sender=Contact, contact_ids=ids, delete_leads=delete_leads)
    answers: list[Any] = [answer for _receiver, answer in told]
    leads = sum(answer for answer in answers if isinstance(answer, int))
    forget(ids, {key for _pk, key in contacts if key})
    return Erased(activities=_delete_what_belongs_to(ids), leads=leads)


def _erase_chunk(ids: list[int], delete_leads: bool) -> Erased:
    known = Contact.objects.filter(pk__in=ids).exclude(email_key=None).order_by()
    # Before anybody is held, as it reads the files.
    files = imports_naming({key for key in known.values_list("email_key", flat=True) if key})
    return _erase_unprotected(ids, delete_leads, files)


def _erase_unprotected(ids: list[int], delete_leads: bool, files: list[int]) -> Erased:
    """Erase them; where some are protected, by halves, so that the others go."""
    try:
        return in_one_piece(lambda attempt: _erase(ids, delete_leads, files))
    except (ProtectedError, RestrictedError):
        if len(ids) == 1:
            return Erased(protected=1)
    middle = len(ids) // 2
    halves = (ids[:middle], ids[middle:])
    return sum((_erase_unprotected(half, delete_leads, files) for half in halves), Erased())


def _erase(ids: list[int], delete_leads: bool, files: list[int]) -> Erased:
    # The files first, as an import holds its file before it holds contacts.
    forget_imports(files)
    held = Contact.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    people = list(held.values_list("pk", "email_key"))
    if not people:
        return Erased()
    erased = _see_to(people, delete_leads)
    present = [pk for pk, _key in people]
    with already_seen_to(present):
        # Through Django, so that models of the site's own that refer to contacts are heeded.
        Contact.objects.filter(pk__in=present).delete()
    return erased + Erased(contacts=len(people))


def _delete_what_belongs_to(ids: list[int]) -> int:
    """Delete the rows of the contacts, table by table; how many activities."""
    now = timezone.now()
    for place in ("primary_contact", "secondary_contact"):
        held = Company.objects.filter(**{f"{place}__in": ids})
        held.update(**{place: None, "modified_at": now})
    delete_rows(CompanyMembership.objects.filter(contact__in=ids))
    forget_visits_of(ids)
    delete_rows(Visitor.objects.filter(contact__in=ids))
    return delete_rows(Activity.objects.filter(contact__in=ids))
