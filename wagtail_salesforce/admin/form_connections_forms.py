"""The form that connects a form page's fields to contact fields and attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from wagtail_salesforce.admin.contacts_timeline import activity_type_labels
from wagtail_salesforce.admin.form_connections_pages import FormFieldInfo
from wagtail_salesforce.admin.form_connections_parts import (
    chosen_conditions,
    condition_fields,
    consent_fields,
    field_choices,
)
from wagtail_salesforce.admin.form_connections_targets import (
    Target,
    decode,
    encode,
    target_choices,
    with_unknown,
)
from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.connections import filled_by, other_problems, problems
from wagtail_salesforce.contacts.importing.batch import ACTIVITY_TYPE as CONTACT_IMPORT
from wagtail_salesforce.contacts.models import FormConnection
from wagtail_salesforce.exceptions import Problem


PREFIX = "target-"
# Columns that the form checks itself, beside the fields that they are made of.
CHECKED_HERE = {"fields", "consent_field", "consent_attribute", "conditions"}

# Activities that no form makes.
NO_FORM = {activity_types.PAGE_VISIT, CONTACT_IMPORT}


@dataclass(frozen=True)
class Row:
    """A row of the table: a form field, or one that vanished from the form, and its select."""

    info: FormFieldInfo | None
    name: str
    field: Any
    guessed: bool = False

    @property
    def dangling(self) -> bool:
        return self.info is None


class ConnectionForm(WagtailAdminModelForm):
    """A form connection. `form_fields` are the page's fields, `guess` what to offer for them."""

    class Meta(WagtailAdminModelForm.Meta):
        model = FormConnection
        fields = [
            "name",
            "enabled",
            "overwrite",
            "activity_type",
            "value_field",
            "consent_field",
            "consent_attribute",
        ]

    def __init__(
        self,
        *args: Any,
        form_fields: Sequence[FormFieldInfo] = (),
        guess: dict[str, Target] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.form_fields = tuple(form_fields)
        self.guess = guess or {}
        # Connected fields that the form no longer has.
        self.dangling = [name for name in self.instance.fields if name not in self.names]
        self._add_targets()
        self._offer_activity_types()
        self._offer_value_fields()
        self.fields.update(consent_fields(self.instance, self.form_fields))
        self.fields.update(condition_fields(self.instance, self.form_fields))

    @property
    def names(self) -> list[str]:
        return [info.name for info in self.form_fields]

    def _add_targets(self) -> None:
        choices = target_choices()
        stored = self.instance.fields if self.instance.pk else self.guess
        for name in [*self.names, *self.dangling]:
            initial = encode(stored.get(name, {}))
            self.fields[PREFIX + name] = forms.ChoiceField(
                label=self._label(name),
                choices=with_unknown(choices, initial),
                initial=initial,
                required=False,
            )

    def _label(self, name: str) -> str:
        labels = {info.name: info.label for info in self.form_fields}
        return _("“%(field)s” fills") % {"field": labels.get(name, name)}

    def _offer_activity_types(self) -> None:
        known, stored = activity_type_labels(), self.instance.activity_type
        labels = {name: label for name, label in known.items() if name not in NO_FORM}
        labels.setdefault(stored, known.get(stored, stored))
        self.fields["activity_type"] = forms.ChoiceField(
            label=_("Record the submission as"),
            choices=list(labels.items()),
            help_text=_("Rules of a score can give points for each activity of this type."),
        )

    def _offer_value_fields(self) -> None:
        infos, stored = self.form_fields, self.instance.value_field
        self.fields["value_field"] = forms.ChoiceField(
            label=_("Value of the activity"),
            choices=field_choices(infos, stored, infos, _("No value")),
            required=False,
            help_text=_(
                "The form field whose number counts, such as a quantity. A rule can then give "
                "points for each unit of it."
            ),
        )

    @property
    def has_box(self) -> bool:
        """Whether there is any checkbox to choose for the consent."""
        return len(self.fields["consent_field"].choices) > 1

    @property
    def has_consent_attribute(self) -> bool:
        """Whether there is any attribute that a consent can set."""
        return len(self.fields["consent_attribute"].choices) > 1

    @property
    def rows(self) -> list[Row]:
        """The table of the page, the form's own fields first."""
        infos = {info.name: info for info in self.form_fields}
        return [
            Row(infos.get(name), name, self[PREFIX + name], self._is_guess(name))
            for name in [*self.names, *self.dangling]
        ]

    def _is_guess(self, name: str) -> bool:
        guess = encode(self.guess.get(name, {}))
        return not self.instance.pk and bool(guess) and self[PREFIX + name].value() == guess

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.instance.fields = self.targets()
        self.instance.conditions = chosen_conditions(cleaned)
        for name in ("value_field", "consent_field", "consent_attribute"):
            setattr(self.instance, name, cleaned.get(name) or "")
        self._refuse_second_connection()
        for problem in problems(self.instance.fields):
            self._complain(problem)
        for problem in other_problems(self.instance):
            self.add_error(problem.path.partition(".")[2] or problem.path, problem.message)
        self._refuse_required_honeypot(cleaned.get("honeypot"))
        if not self.errors and not self._has_live_email():
            self.add_error(None, _("Choose which field of the form holds the e-mail address now."))
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        """The model checks the same again under the names of its columns; once is enough."""
        by_column = getattr(error, "error_dict", None)
        if field is None and by_column is not None:
            kept = {name: text for name, text in by_column.items() if name not in CHECKED_HERE}
            if not kept:
                return
            error = ValidationError(kept)
        super().add_error(field, error)

    def _refuse_required_honeypot(self, name: str | None) -> None:
        if any(info.name == name and info.required for info in self.form_fields):
            message = _("This field is required on the form, so nobody can leave it empty.")
            self.add_error("honeypot", message)

    def _complain(self, problem: Problem) -> None:
        """A problem of the mapping, beside the row that it is about."""
        filled = [filled_by(target) for target in self.instance.fields.values()]
        own = filled_by(self.instance.fields.get(problem.path, {}))
        if sum(not own.isdisjoint(each) for each in filled) > 1:
            message = _("Another field of the form fills this too. Keep one of them.")
        else:
            message = problem.message
        self.add_error(PREFIX + problem.path if problem.path else None, message)

    def _refuse_second_connection(self) -> None:
        others = FormConnection.objects.exclude(pk=self.instance.pk)
        if others.filter(page_id=self.instance.page_id).exists():
            self.add_error(None, _("This form is connected already. Change that connection."))

    def _has_live_email(self) -> bool:
        """Whether a field that the form still has holds the e-mail address."""
        return any(self.instance.fields.get(name) == {"field": "email"} for name in self.names)

    def targets(self) -> dict[str, Target]:
        """What was chosen for each form field, as a connection keeps it."""
        names = [*self.names, *self.dangling]
        chosen = {name: decode(self.cleaned_data.get(PREFIX + name, "")) for name in names}
        return {name: target for name, target in chosen.items() if target}
