"""Drift: how the organization's fields have changed since a mapping was saved."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from wagtail_salesforce.mapping import drift_words as words
from wagtail_salesforce.mapping import numbers
from wagtail_salesforce.mapping.constants import PICKLIST_TYPES
from wagtail_salesforce.mapping.known import used_values, well_formed
from wagtail_salesforce.mapping.reading import AttributeTypes
from wagtail_salesforce.mapping.resolve import SourceEntry
from wagtail_salesforce.mapping.validate import row_problems
from wagtail_salesforce.salesforce.describe import FieldDescribe, ObjectDescribe


class Remembering(Protocol):
    """What is needed of a `Mapping`."""

    external_id_field: Any
    fields: Any
    known_fields: Any


@dataclass(frozen=True)
class Drift:
    """One change of one Lead field. `breaks` says that nothing can be replicated as it is.

    Codes: removed, read_only, type_changed, shortened, fewer_digits, made_restricted,
    values_removed, made_required, newly_required, identifier_lost.
    """

    field: str
    label: str
    code: str
    message: str
    breaks: bool = False

    def __str__(self) -> str:
        name = self.field if self.label == self.field else f"{self.label} ({self.field})"
        return f"{name}: {self.message}"


#: Changes of which the row itself says nothing, or not that they are new.
_TOLD_BESIDE = frozenset(
    {
        "type_changed",
        "shortened",
        "fewer_digits",
        "made_restricted",
        "values_removed",
        "made_required",
    }
)


def fingerprint(found: Iterable[Drift]) -> str:
    """The same for the same changes, so that a page can say which ones it showed; "" for none."""
    told = "\n".join(sorted(f"{each.field} {each.code} {each.message}" for each in found))
    return hashlib.sha256(told.encode()).hexdigest()[:32] if told else ""


def beside_rows(found: Iterable[Drift]) -> dict[str, list[str]]:
    """The changes that stand beside their rows, by Lead field."""
    lines: dict[str, list[str]] = {}
    for each in found:
        if each.code in _TOLD_BESIDE:
            lines.setdefault(each.field, []).append(each.message)
    return lines


def drift(
    mapping: Remembering, describe: ObjectDescribe, attribute_types: AttributeTypes
) -> list[Drift]:
    """What has changed since the mapping was saved: the identifier, the rows, then other fields.

    A mapping that remembers nothing has nothing to compare with; a row whose field was not there
    when it was saved neither.
    """
    known = mapping.known_fields
    if not known or not well_formed(mapping.fields):
        return []
    found = [*_of_identifier(mapping, describe), *_newly_required(mapping, describe)]
    for name, entry in mapping.fields.items():
        if name in known:
            found += _of_row(_before(known, name), entry, describe, attribute_types)
    return found


def _before(known: dict[str, Any], name: str) -> FieldDescribe:
    return FieldDescribe.from_json({**known[name], "name": name})


def _of_identifier(mapping: Remembering, describe: ObjectDescribe) -> Iterator[Drift]:
    name = mapping.external_id_field
    if name not in mapping.known_fields:
        return
    before, now = _before(mapping.known_fields, name), describe.fields.get(name)
    if now is None:
        yield Drift(name, before.label, "removed", words.removed(), True)
    elif now not in describe.external_id_fields():
        yield Drift(name, now.label, "identifier_lost", words.identifier_lost(before, now), True)


def _newly_required(mapping: Remembering, describe: ObjectDescribe) -> Iterator[Drift]:
    """A mapping is only saved when every required field is filled, so others are newly so."""
    filled = {*mapping.fields, mapping.external_id_field}
    for field in describe.fields.values():
        if field.required and field.name not in filled:
            yield Drift(field.name, field.label, "newly_required", words.newly_required(), True)


def _of_row(
    before: FieldDescribe,
    entry: SourceEntry,
    describe: ObjectDescribe,
    attribute_types: AttributeTypes,
) -> Iterator[Drift]:
    now = describe.fields.get(before.name)
    if now is None:
        yield Drift(before.name, before.label, "removed", words.removed(), True)
        return
    problems = row_problems(before.name, entry, describe, attribute_types)
    breaks = any(each.is_error and each.code not in _OURS for each in problems)
    for code, message in _changes(before, now, entry):
        yield Drift(now.name, now.label, code, message, breaks)


#: Errors of a row that have nothing to do with the organization.
_OURS = frozenset({"malformed", "source_missing", "attribute_missing"})

Change = tuple[str, str]


def _changes(before: FieldDescribe, now: FieldDescribe, entry: SourceEntry) -> Iterator[Change]:
    if _writeable(before) and not _writeable(now):
        yield "read_only", words.read_only()
    if before.type != now.type:
        yield "type_changed", words.type_changed(before, now)
        return
    if now.type in PICKLIST_TYPES:
        yield from _of_values(before, now, entry)
    elif 0 < now.length < (before.length or now.length):
        yield "shortened", words.shortened(before, now)
    if _has_digits(now) and _narrower(before, now):
        yield "fewer_digits", words.fewer_digits(before, now)
    if now.required and not before.required:
        yield "made_required", words.made_required()


def _writeable(field: FieldDescribe) -> bool:
    frozen = field.calculated or field.auto_number or field.external_id
    return field.createable and field.updateable and not frozen


def _has_digits(field: FieldDescribe) -> bool:
    return bool(field.digits or field.precision)


def _narrower(before: FieldDescribe, now: FieldDescribe) -> bool:
    measures: tuple[Callable[[FieldDescribe], int], ...] = (numbers.whole_digits, numbers.scale)
    return any(measure(now) < measure(before) for measure in measures)


def _of_values(before: FieldDescribe, now: FieldDescribe, entry: SourceEntry) -> Iterator[Change]:
    """Values that are gone matter where the list is restricted, or where the row names them."""
    if now.restricted and not before.restricted:
        yield "made_restricted", words.made_restricted(now)
    concerned = before.active_values if now.restricted else used_values(entry)
    there, once = set(now.active_values), set(before.active_values)
    if gone := [value for value in concerned if value in once and value not in there]:
        yield "values_removed", words.values_removed(gone)
