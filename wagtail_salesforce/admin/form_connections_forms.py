"""The form that connects a form page's fields to contact fields and attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from wagtail_salesforce.admin.contacts_timeline import activity_type_labels
from wagtail_salesforce.admin.form_connections_pages import FormFieldInfo
from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.connections import problems
from wagtail_salesforce.contacts.fields import WRITABLE
from wagtail_salesforce.contacts.models import Attribute, FormConnection
from wagtail_salesforce.exceptions import Problem


PREFIX = "target-"

Target = dict[str, str]


def encode(target: Target) -> str:
    """A target as the value of a choice: {"field": "email"} is "field:email"."""
    return ":".join(next(iter(target.items()), ("", ""))) if target else ""


def decode(text: str) -> Target:
    """The target of a choice's value; {} for none."""
    kind, _colon, name = text.partition(":")
    return {kind: name} if name else {}


def target_choices() -> list[Any]:
    """What a form field may fill: contact fields and attributes, in groups."""
    fields = [(f"field:{name}", field.label) for name, field in WRITABLE.items()]
    attributes = [(f"attribute:{item.name}", item.label) for item in Attribute.objects.all()]
    choices: list[Any] = [("", _("Do not keep")), (_("Contact fields"), fields)]
    return [*choices, (_("Attributes"), attributes)] if attributes else choices


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
        fields = ["name", "enabled", "overwrite", "activity_type", "value_field"]

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
                choices=_with_unknown(choices, initial),
                initial=initial,
                required=False,
            )

    def _label(self, name: str) -> str:
        labels = {info.name: info.label for info in self.form_fields}
        return _("“%(field)s” fills") % {"field": labels.get(name, name)}

    def _offer_activity_types(self) -> None:
        labels = activity_type_labels()
        labels.pop(activity_types.PAGE_VISIT)
        labels.setdefault(self.instance.activity_type, self.instance.activity_type)
        self.fields["activity_type"] = forms.ChoiceField(
            label=_("Record the submission as"),
            choices=list(labels.items()),
            help_text=_("Rules of a score can give points for each activity of this type."),
        )

    def _offer_value_fields(self) -> None:
        choices = [("", _("No value"))]
        choices += [(info.name, info.label) for info in self.form_fields]
        stored = self.instance.value_field
        if stored and stored not in self.names:
            choices.append((stored, _("%(name)s (no longer on the form)") % {"name": stored}))
        self.fields["value_field"] = forms.ChoiceField(
            label=_("Value of the activity"),
            choices=choices,
            required=False,
            help_text=_(
                "The form field whose number counts, such as a quantity. A rule can then give "
                "points for each unit of it."
            ),
        )

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
        self._refuse_second_connection()
        for problem in problems(self.instance.fields):
            self._complain(problem)
        if not self.errors and not self._has_live_email():
            self.add_error(None, _("Choose which field of the form holds the e-mail address now."))
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        """The model checks the same mapping again under the name of its column; once is enough."""
        if {"fields"} == set(getattr(error, "error_dict", ())):
            return
        super().add_error(field, error)

    def _complain(self, problem: Problem) -> None:
        """A problem of the mapping, beside the row that it is about."""
        targets = list(self.instance.fields.values())
        if targets.count(self.instance.fields.get(problem.path)) > 1:
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


def _with_unknown(choices: list[Any], initial: str) -> list[Any]:
    """A stored target that no longer exists stays visible instead of being dropped unseen."""
    known = {value for _group, options in choices[1:] for value, _label in options}
    if not initial or initial in known:
        return choices
    return [*choices, (initial, _("%(name)s (no longer exists)") % {"name": decode_name(initial)})]


def decode_name(encoded: str) -> str:
    """The name in an encoded target."""
    return encoded.partition(":")[2]
