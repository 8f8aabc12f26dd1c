"""The form of an import: how the file is to be read, and what each column fills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_salesforce.contacts.importing.columns import (
    check_targets,
    field_labels,
    guess_targets,
)
from wagtail_salesforce.contacts.importing.files import opener
from wagtail_salesforce.contacts.importing.layout import Layout
from wagtail_salesforce.contacts.importing.options import (
    DATE_ORDERS,
    DELIMITERS,
    ENCODINGS,
    NUMBERS,
    Options,
)
from wagtail_salesforce.contacts.models import Attribute, ContactImport


SHOWN_VALUES = 3
SHOWN_LENGTH = 80
PREFIX = "column-"


class OptionsForm(forms.Form):
    """How the file is to be read and written into the contacts."""

    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), choices=ENCODINGS.items())
    delimiter = forms.ChoiceField(
        label=gettext_lazy("Delimiter"), choices=DELIMITERS.items(), required=False
    )
    date_order = forms.ChoiceField(
        label=gettext_lazy("Dates"),
        choices=DATE_ORDERS.items(),
        help_text=gettext_lazy("2026-02-28 is understood either way."),
    )
    numbers = forms.ChoiceField(
        label=gettext_lazy("Numbers"),
        choices=NUMBERS.items(),
        required=False,
        help_text=gettext_lazy("When recognised, what could mean two things is not taken over."),
    )
    overwrite = forms.BooleanField(
        label=gettext_lazy("Overwrite existing information"),
        required=False,
        help_text=gettext_lazy(
            "Without it, only what is still empty of a contact is filled. An empty cell never "
            "overwrites anything."
        ),
    )
    record_activity = forms.BooleanField(
        label=gettext_lazy("Record an activity for each row"),
        required=False,
        help_text=gettext_lazy(
            "It stands in the contact's timeline as “Contact import”. Rules of a score can give "
            "points for it."
        ),
    )

    def options(self) -> Options:
        """What was chosen; the form has to be valid."""
        return Options.of_json(self.cleaned_data)


@dataclass(frozen=True)
class Column:
    """A row of the table: a column of the file with its first values, and its select."""

    heading: str
    values: list[str]
    field: Any
    guessed: bool


class ColumnsForm(OptionsForm):
    """The options, and what each column of the file fills."""

    def __init__(self, contact_import: ContactImport, layout: Layout, *args: Any, **kwargs: Any):
        self.labels = dict(Attribute.objects.values_list("name", "label"))
        self.layout = layout
        self.rows = _first_rows(contact_import, layout)
        self.guess = guess_targets(layout.header, self.labels)
        stored = contact_import.targets
        self.is_guess = len(stored) != len(layout.header)
        kwargs.setdefault("initial", contact_import.options)
        super().__init__(*args, **kwargs)
        choices = target_choices(self.labels)
        for index, target in enumerate(self.guess if self.is_guess else stored):
            self.fields[f"{PREFIX}{index}"] = forms.ChoiceField(
                label=_("“%(column)s” fills") % {"column": self.heading(index)},
                choices=choices,
                initial=target,
                required=False,
            )

    def heading(self, index: int) -> str:
        """The column's header, or its number."""
        number = _("Column %(number)s") % {"number": index + 1}
        return self.layout.header[index] or number

    @property
    def columns(self) -> list[Column]:
        """The table of the page."""
        return [self._column(index) for index in range(len(self.layout.header))]

    def _column(self, index: int) -> Column:
        field = self[f"{PREFIX}{index}"]
        values = [row[index][:SHOWN_LENGTH] for row in self.rows if index < len(row)]
        guessed = bool(self.guess[index]) and field.value() == self.guess[index]
        return Column(self.heading(index), values, field, self.is_guess and guessed)

    def targets(self) -> list[str]:
        """What was chosen for each column."""
        count = range(len(self.layout.header))
        return [self.cleaned_data.get(f"{PREFIX}{index}", "") for index in count]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            for problem in check_targets(self.targets(), self.labels):
                name = None if problem.column is None else f"{PREFIX}{problem.column}"
                self.add_error(name, problem.message)
        return cleaned


def _first_rows(contact_import: ContactImport, layout: Layout) -> Sequence[list[str]]:
    records = layout.records(opener(contact_import))
    return list(islice((row.cells for row in records if row.cells), SHOWN_VALUES))


def target_choices(attributes: dict[str, str]) -> list[Any]:
    """What a column may fill: contact fields and attributes, in groups."""
    choices: list[Any] = [("", _("Leave out")), (_("Contact fields"), list(field_labels().items()))]
    return [*choices, (_("Attributes"), list(attributes.items()))] if attributes else choices
