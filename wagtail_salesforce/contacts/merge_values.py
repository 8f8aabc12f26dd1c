"""Which value a contact has after another one was merged into it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.fields import WRITABLE, FieldType
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.exceptions import MergeRefused


SURVIVOR, OTHER = "survivor", "other"
PREFIX = "attributes."
EMPTY = (None, "")

#: Columns that refer to accounts of the site, merged like fields.
ACCOUNTS = {"owner": "owner_id", "user": "user_id"}

Choices = Mapping[str, str]


@dataclass(frozen=True)
class MergedValue:
    """A field ("city") or attribute ("attributes.size"): what both have, and what will be.

    Fields hold their Python form, attributes their JSON form, owner and user the account's id.
    `kind` is the attribute's type, None for fields.
    """

    name: str
    label: str
    survivor: Any
    other: Any
    result: Any
    kind: FieldType | None = None


def merged_values(
    survivor: Contact, other: Contact, attributes: Iterable[Attribute], choices: Choices
) -> list[MergedValue]:
    """Every value after the merge: the survivor's, the other's where it has none, and what
    `choices` says. Raises MergeRefused for a choice that names nothing or nobody."""
    values = [*_fields(survivor, other), *_attributes(survivor, other, attributes)]
    _check({value.name for value in values}, choices)
    found = {value.name: _chosen(value, choices) for value in values}
    _keep_state_with_its_country(found, choices)
    return list(found.values())


def apply(values: Iterable[MergedValue], survivor: Contact) -> None:
    """Write the results into the survivor; not saved."""
    attributes = dict(survivor.attributes)
    for value in values:
        if not value.name.startswith(PREFIX):
            setattr(survivor, ACCOUNTS.get(value.name, value.name), value.result)
        elif value.result in EMPTY:
            attributes.pop(value.name.removeprefix(PREFIX), None)
        else:
            attributes[value.name.removeprefix(PREFIX)] = value.result
    survivor.attributes = attributes


def _fields(survivor: Contact, other: Contact) -> Iterator[MergedValue]:
    for name, field in WRITABLE.items():
        yield _both(name, str(field.label), getattr(survivor, name), getattr(other, name))
    for name, column in ACCOUNTS.items():
        label = _("Owner") if name == "owner" else _("Website user")
        yield _both(name, label, getattr(survivor, column), getattr(other, column))


def _attributes(
    survivor: Contact, other: Contact, attributes: Iterable[Attribute]
) -> Iterator[MergedValue]:
    """All that are defined, and those that only the contacts still hold."""
    known = {attribute.name: attribute for attribute in attributes}
    for name in [*known, *sorted({**survivor.attributes, **other.attributes}.keys() - known)]:
        attribute = known.get(name)
        label = attribute.label if attribute else name
        kind = FieldType(attribute.type) if attribute else None
        mine, theirs = survivor.attributes.get(name), other.attributes.get(name)
        yield _both(PREFIX + name, label, mine, theirs, kind)


def _both(
    name: str, label: str, mine: Any, theirs: Any, kind: FieldType | None = None
) -> MergedValue:
    return MergedValue(name, label, mine, theirs, theirs if mine in EMPTY else mine, kind)


def _chosen(value: MergedValue, choices: Choices) -> MergedValue:
    if value.name not in choices:
        return value
    result = value.survivor if choices[value.name] == SURVIVOR else value.other
    return _with_result(value, result)


def _with_result(value: MergedValue, result: Any) -> MergedValue:
    return MergedValue(value.name, value.label, value.survivor, value.other, result, value.kind)


def _keep_state_with_its_country(found: dict[str, MergedValue], choices: Choices) -> None:
    """A state of one country is not filled in where the result names another country."""
    state, country = found["state"], found["country"]
    filled = "state" not in choices and state.survivor in EMPTY
    if filled and country.result != country.other:
        found["state"] = _with_result(state, state.survivor)


def _check(names: set[str], choices: Choices) -> None:
    for name, side in choices.items():
        if name not in names:
            text = _("Contacts have no field %(name)s. Attributes are named attributes.<name>.")
            raise MergeRefused(text % {"name": name}, code="merge_choice")
        if side not in (SURVIVOR, OTHER):
            text = _("Choose survivor or other for %(name)s.")
            raise MergeRefused(text % {"name": name}, code="merge_choice")
