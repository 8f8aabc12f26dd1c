"""What the rows of the editor may choose from, said once for all of them.

An organization may have 800 fields and picklists of a thousand entries. Spelled out in every row
that would be a page of many megabytes, so the page holds each set of sources and each list of
entries once, and the script fills a row's choices when somebody comes near to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.mapping.choices import Choices, source_choices
from wagtail_salesforce.mapping.constants import PICKLIST_TYPES
from wagtail_salesforce.mapping.resolve import GROUP_LABELS, Group
from wagtail_salesforce.salesforce.describe import FieldDescribe


class OptionBook:
    """Collects the choices of the rows; `data` is what the script gets, ready for JSON.

    {"kinds": {kind: [[group label, [[token, label], …]], …]},
     "lists": [[entry or [entry, label], …], …], "words": {…}}
    """

    def __init__(self, attributes: Sequence[Attribute]) -> None:
        self.attributes = attributes
        self._kinds: dict[str, Choices] = {}
        self._numbers: dict[Any, int] = {}
        self._lists: list[list[Any]] = []

    def kind(self, field: FieldDescribe) -> str:
        """The name of the sources that fit a field; all fields of a type have the same."""
        kind = field.type
        if kind in PICKLIST_TYPES and field.restricted:
            kind = f"{kind}-restricted"
        if kind not in self._kinds:
            self._kinds[kind] = self._sources(field)
        return kind

    def list_number(self, field: FieldDescribe) -> str:
        """The number of a picklist's entries, "" for other fields; equal lists are kept once."""
        if field.type not in PICKLIST_TYPES:
            return ""
        key = tuple((each.value, each.label) for each in field.picklist if each.active)
        if key not in self._numbers:
            self._numbers[key] = len(self._lists)
            self._lists.append([_short(value, label) for value, label in key])
        return str(self._numbers[key])

    def all_choices(self, field: FieldDescribe) -> Choices:
        """Everything a row offers, for browsers without the script."""
        return source_choices(field, self.attributes)

    @property
    def data(self) -> dict[str, Any]:
        kinds = {kind: _plain(choices) for kind, choices in self._kinds.items()}
        return {"kinds": kinds, "lists": self._lists, "words": _words()}

    def _sources(self, field: FieldDescribe) -> Choices:
        """Without the picklist's entries, which differ from field to field."""
        entries = GROUP_LABELS[Group.PICKLIST]
        return [pair for pair in self.all_choices(field) if pair[0] != entries]


def _short(value: str, label: str) -> Any:
    return value if value == label else [value, label]


def _plain(choices: Choices) -> list[Any]:
    return [[str(label), [[t, str(text)] for t, text in options]] for label, options in choices]


def _words() -> dict[str, str]:
    return {
        "entries": str(GROUP_LABELS[Group.PICKLIST]),
        "constant": str(GROUP_LABELS[Group.CONSTANT]),
        "present": _("Present choice"),
    }
