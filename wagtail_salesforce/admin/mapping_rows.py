"""The rows of the mapping editor: one for each Lead field, with what may fill it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.admin.mapping_constants import input_for, shown, ticks
from wagtail_salesforce.admin.mapping_options import OptionBook
from wagtail_salesforce.admin.mapping_words import type_words
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.mapping.choices import (
    CONSTANT,
    Choices,
    constant_label,
    from_token,
    label_of,
)
from wagtail_salesforce.mapping.convert import supported
from wagtail_salesforce.mapping.problem import MappingProblem, error
from wagtail_salesforce.salesforce.describe import FieldDescribe, ObjectDescribe


#: What a form sends for a row: the token of `mapping.choices` and a constant's text.
Chosen = tuple[str, str]
NOT_MAPPED: Chosen = ("", "")


@dataclass(frozen=True)
class Row:
    """One Lead field in the editor. `field` is None when the organization has it no more."""

    name: str
    field: FieldDescribe | None
    token: str
    constant: str
    problems: tuple[MappingProblem, ...]
    choice_label: str
    book: OptionBook
    #: What the organization lets us fill: the row's own field, or None.
    usable: FieldDescribe | None
    #: How the field has changed in Salesforce since the mapping was saved.
    changes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return self.field.label if self.field else self.name

    @property
    def type_words(self) -> str:
        return type_words(self.field) if self.field else ""

    @property
    def help_text(self) -> str:
        return self.field.help_text if self.field else ""

    @property
    def required(self) -> bool:
        return bool(self.field and self.field.required)

    @property
    def has_error(self) -> bool:
        return any(problem.is_error for problem in self.problems)

    @property
    def severity(self) -> str:
        """ "error", "warning", "note", or "" for a row about which there is nothing to say."""
        if self.has_error or not self.problems:
            return "error" if self.has_error else ""
        return "note" if all(problem.is_note for problem in self.problems) else "warning"

    @property
    def kind(self) -> str:
        """Which of the book's sources the row offers."""
        return self.book.kind(self.usable) if self.usable else ""

    @property
    def list_number(self) -> str:
        """Which of the book's lists of entries the row offers."""
        return self.book.list_number(self.usable) if self.usable else ""

    @property
    def choices(self) -> Choices:
        """All that may be chosen. What is chosen stays on offer, also when it is gone."""
        choices = self.book.all_choices(self.usable) if self.usable else []
        offered = {each for _group, options in choices for each, _label in options}
        if not self.token or self.token in offered:
            return choices
        return [(_("Present choice"), [(self.token, self.choice_label)]), *choices]

    @property
    def is_constant(self) -> bool:
        return self.token == CONSTANT

    @property
    def constant_input(self) -> str:
        """Which input suits a constant (see `mapping_constants`)."""
        return input_for(self.field, self.constant)

    @property
    def empty_input(self) -> str:
        """The same while no constant is chosen."""
        return input_for(self.usable, "")

    @property
    def constant_shown(self) -> str:
        return shown(self.constant_input, self.constant)

    @property
    def ticks(self) -> list[tuple[str, str, bool]]:
        return ticks(self.field, self.constant) if self.field else []


@dataclass(frozen=True)
class RowGroup:
    """Rows under one heading."""

    key: str
    heading: str
    note: str
    rows: tuple[Row, ...]


class RowBuilder:
    """Makes rows for an organization's Lead, a site's attributes and what is wrong."""

    def __init__(
        self,
        describe: ObjectDescribe,
        attributes: Sequence[Attribute],
        problems: Iterable[MappingProblem] = (),
        changes: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.changes = changes or {}
        self.book = OptionBook(attributes)
        self.labels = {attribute.name: attribute.label for attribute in attributes}
        self.fields = {f.name: f for f in describe.mappable_fields() if supported(f)}
        self.describe = describe
        self.problems: dict[str, list[MappingProblem]] = {}
        for problem in problems:
            self.problems.setdefault(problem.field, []).append(_for_people(problem))

    def troubled(self, chosen: Mapping[str, Chosen]) -> list[Row]:
        """The rows about which there is something to say."""
        names = {**dict.fromkeys(self.fields), **dict.fromkeys(chosen)}
        rows = (self._row(name, *chosen.get(name, NOT_MAPPED)) for name in names)
        return [row for row in rows if row.problems]

    def groups(self, chosen: Mapping[str, Chosen]) -> list[RowGroup]:
        """All rows: those that do not work any more, required ones, and the rest by label."""
        gone = [name for name in chosen if name not in self.fields]
        needed = [name for name, field in self.fields.items() if field.required]
        others = [name for name, field in self.fields.items() if not field.required]
        others.sort(key=lambda name: self.fields[name].label.casefold())
        groups = [
            self._group("gone", _("Fields that do not work any more"), _gone_note(), gone, chosen),
            self._group("required", _("Required fields"), _required_note(), needed, chosen),
            self._group("other", _("Other fields"), "", others, chosen),
        ]
        return [group for group in groups if group.rows]

    def _group(
        self, key: str, heading: str, note: str, names: list[str], chosen: Mapping[str, Chosen]
    ) -> RowGroup:
        rows = tuple(self._row(name, *chosen.get(name, NOT_MAPPED)) for name in names)
        return RowGroup(key, heading, note, rows)

    def _row(self, name: str, token: str, constant: str) -> Row:
        field = self.describe.fields.get(name)
        return Row(
            name,
            field,
            token,
            constant,
            (*self._needed(name, token), *self.problems.get(name, ())),
            self._label(field, token, constant),
            self.book,
            self.fields.get(name),
            tuple(self.changes.get(name, ())),
        )

    def _needed(self, name: str, token: str) -> list[MappingProblem]:
        """The mapping's problem lists all fields that are missing; each is marked, too."""
        if token or name not in self.fields or not self.fields[name].required:
            return []
        return [error(name, "required_unmapped", _("Salesforce requires it: choose a source."))]

    def _label(self, field: FieldDescribe | None, token: str, constant: str) -> str:
        """The words for what is chosen, in the organization's own where it is an entry."""
        if not token:
            return ""
        if token == CONSTANT:
            return str(constant_label(field) if field else _("A constant value"))
        try:
            text = label_of(from_token(token, constant), self.labels)
        except (ValueError, KeyError):
            return token
        entries = field.picklist if field and token.startswith("picklist:") else ()
        return next((each.label for each in entries if each.value == text), text)


def _for_people(problem: MappingProblem) -> MappingProblem:
    """A path such as "value" helps with a document, but not beside the only input of a row."""
    return replace(problem, message=problem.message.removeprefix("value: "))


def _gone_note() -> str:
    return _(
        "The organization has these fields no more, or the integration user may not write them. "
        "Nothing is replicated until they are set to “Not mapped” or work again in Salesforce."
    )


def _required_note() -> str:
    return _("Salesforce takes no lead without them.")


def entries(chosen: Mapping[str, Chosen]) -> dict[str, Any]:
    """The `fields` of a mapping for what a form sent. Raises ValueError for an unknown token."""
    return {
        name: from_token(token, constant.strip())
        for name, (token, constant) in chosen.items()
        if token
    }
