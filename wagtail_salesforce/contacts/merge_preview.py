"""What a merge would come to, for somebody to look at before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wagtail_salesforce.contacts.countries import country_name, state_name
from wagtail_salesforce.contacts.merge_values import (
    ACCOUNTS,
    EMPTY,
    Choices,
    MergedValue,
    merged_values,
)
from wagtail_salesforce.contacts.models import Activity, Attribute, CompanyMembership, Contact
from wagtail_salesforce.contacts.values import to_python
from wagtail_salesforce.contacts.wording import in_words
from wagtail_salesforce.exceptions import MergeRefused
from wagtail_salesforce.signals import contacts_merge_foreseen


@dataclass(frozen=True)
class MergeRow:
    """One field or attribute, its values in words ("" where there is none).

    `name` is what `choices` of `merge` takes: "city", "owner", "attributes.size".
    """

    name: str
    label: str
    survivor: str
    other: str
    result: str

    @property
    def differs(self) -> bool:
        """Whether both have a value, and not the same: somebody may want to choose."""
        return bool(self.survivor and self.other) and self.survivor != self.other

    @property
    def takes_other(self) -> bool:
        """Whether the value of the other contact is the one that stays."""
        return self.result != self.survivor


@dataclass(frozen=True)
class MergePreview:
    """What merging `other` into `survivor` would come to.

    `rows` has every field and attribute that either of them has a value of. `activities` and
    `companies` are the numbers that come from the other contact. `lead` says in whole sentences
    what becomes of the leads.
    """

    survivor: Contact
    other: Contact
    rows: tuple[MergeRow, ...]
    activities: int
    companies: int
    lead: str


def preview_merge(
    survivor: Contact, other: Contact, *, choices: Choices | None = None
) -> MergePreview:
    """Say what `merge(survivor.pk, other.pk, choices=choices)` would come to; changes nothing.

    Raises MergeRefused like `merge`. About eight statements.
    """
    if survivor.pk == other.pk:
        raise MergeRefused(code="merge_same")
    values = merged_values(survivor, other, Attribute.objects.all(), choices or {})
    accounts = {
        name: {contact.pk: str(getattr(contact, name) or "") for contact in (survivor, other)}
        for name in ACCOUNTS
    }
    rows = [_row(value, survivor, other, accounts) for value in values]
    told = contacts_merge_foreseen.send(sender=Contact, survivor_id=survivor.pk, other_id=other.pk)
    return MergePreview(
        survivor,
        other,
        tuple(row for row in rows if row.survivor or row.other),
        Activity.objects.filter(contact=other).count(),
        CompanyMembership.objects.filter(contact=other).count(),
        " ".join(str(text) for _receiver, text in told if text),
    )


def _row(
    value: MergedValue,
    survivor: Contact,
    other: Contact,
    accounts: Mapping[str, Mapping[int, str]],
) -> MergeRow:
    if value.name in accounts:
        mine, theirs = (accounts[value.name][contact.pk] for contact in (survivor, other))
    else:
        mine = _shown(value, value.survivor, survivor)
        theirs = _shown(value, value.other, other)
    result = mine if value.result == value.survivor else theirs
    return MergeRow(value.name, value.label, mine, theirs, result)


def _shown(value: MergedValue, stored: Any, contact: Contact) -> str:
    if stored in EMPTY:
        return ""
    if value.name == "country":
        return country_name(stored) or str(stored)
    if value.name == "state":
        return state_name(stored, contact.country) or str(stored)
    return in_words(_python(value, stored))


def _python(value: MergedValue, stored: Any) -> Any:
    """An attribute's value in its Python form; one that does not fit its type as it is."""
    if value.kind is None:
        return stored
    try:
        return to_python(stored, value.kind)
    except ValueError:
        return stored
