"""The form of the mapping editor: the rows travel beside the model's own fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm

from wagtail_salesforce.admin.mapping_conflict import Conflict, compare, stored_rows
from wagtail_salesforce.admin.mapping_constants import joined
from wagtail_salesforce.admin.mapping_rows import Chosen, RowBuilder, RowGroup, entries
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.mapping.drift import beside_rows, drift, fingerprint
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.mapping.problem import MappingProblem
from wagtail_salesforce.mapping.suggest import suggest, suggest_external_id
from wagtail_salesforce.mapping.validate import EXTERNAL_ID_CODES, problems
from wagtail_salesforce.salesforce.describe import ObjectDescribe


SOURCE = "source-"
CONSTANT = "constant-"
#: The button of a second editor who, being told of the first one's, saves all the same.
REPLACE = "replace-revision"
#: The fingerprint of the changes in Salesforce that the page showed.
SEEN = "seen-changes"


class MappingForm(WagtailAdminModelForm):
    """Takes the organization's `describe`, and the `trouble` there was in reading it.

    A new mapping begins with what `mapping.suggest` proposes. Nothing is saved with an error in
    any row, nor over what somebody else has saved since the page was opened: `conflict` then
    tells what that is.
    """

    conflict: Conflict | None = None

    external_id_field = forms.ChoiceField(
        label=gettext_lazy("External identifier"),
        required=False,
        help_text=gettext_lazy(
            "The Lead field that holds our number of a contact, so that a lead is never made twice."
        ),
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Mapping
        fields = ["name", "external_id_field"]

    def __init__(
        self, *args: Any, describe: ObjectDescribe, trouble: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.describe, self.trouble = describe, trouble
        self.attributes = list(Attribute.objects.all())
        self.types = {each.name: FieldType(each.type) for each in self.attributes}
        # Before anything that was sent is put into the instance.
        self.drift = drift(self.instance, self.describe, self.types) if self.instance.pk else []
        self._begin()
        self.fields["external_id_field"].choices = self._identifiers()
        self.initial["revision"] = self.instance.revision
        self.found: list[MappingProblem] = [] if self.is_bound else self._check(self.instance)

    def _begin(self) -> None:
        """Fill a new mapping with the suggestion; a copy comes with rows of its own."""
        if self.instance.pk or self.is_bound or self.instance.fields:
            return
        self.instance.fields = suggest(self.describe, self.types)
        self.initial["external_id_field"] = suggest_external_id(self.describe)
        self.instance.external_id_field = self.initial["external_id_field"]
        self.initial["name"] = "" if Mapping.objects.exists() else _("Leads")

    def _identifiers(self) -> list[tuple[str, str]]:
        usable = self.describe.external_id_fields()
        choices = [(field.name, f"{field.label} ({field.name})") for field in usable]
        present = self.instance.external_id_field
        if present and present not in dict(choices):
            choices.append((present, _("%(name)s (cannot be used)") % {"name": present}))
        return [("", _("Choose a field")), *choices]

    @property
    def can_identify(self) -> bool:
        """Whether the organization has a field that may be the external identifier."""
        return bool(self.describe.external_id_fields())

    @cached_property
    def chosen(self) -> dict[str, Chosen]:
        """Token and constant by Lead field, as sent or as stored."""
        return sent_rows(self.data) if self.is_bound else stored_rows(self.instance)

    def _check(self, mapping: Mapping) -> list[MappingProblem]:
        return problems(mapping, self.describe, self.types)

    @cached_property
    def rows(self) -> RowBuilder:
        return RowBuilder(self.describe, self.attributes, self.found, beside_rows(self.drift))

    @cached_property
    def groups(self) -> list[RowGroup]:
        return self.rows.groups(self.chosen)

    @property
    def option_data(self) -> dict[str, Any]:
        """What the rows offer; to be asked for after they are rendered."""
        return self.rows.book.data

    @property
    def general_errors(self) -> list[str]:
        """What is wrong with a stored mapping as a whole, but not with its identifier."""
        return general_errors(self.found)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        fields = self._judged(data.get("external_id_field", ""))
        self._check_revision(data.get("revision"))
        self._check_seen()
        # The model checks its own field, too, and only what is right gets there.
        self.instance.fields = {}
        if fields is None:
            raise forms.ValidationError(_("A row has a source that is not known here."))
        self._refuse_errors()
        if not self.errors:
            self.instance.fields = fields
        return data

    def _judged(self, identifier: str) -> dict[str, Any] | None:
        """What the rows come to, None where they come to nothing.

        First of all, so that the rows are marked however else the page is refused.
        """
        try:
            fields = entries(self.chosen)
        except ValueError:
            return None
        self.found = self._check(Mapping(fields=fields, external_id_field=identifier))
        return fields

    def _check_revision(self, seen: int | None) -> None:
        """The row is locked here, so that two who save at once come one after the other."""
        if not self.instance.pk:
            return
        rows = Mapping.objects.filter(pk=self.instance.pk)
        # A page that is shown again is rendered after the transaction, and saves nothing.
        if transaction.get_connection().in_atomic_block:
            rows = rows.select_for_update()
        row = rows.first()
        if row is None or str(row.revision) in (str(seen), self.data.get(REPLACE)):
            return
        labels = {each.name: each.label for each in self.attributes}
        self.conflict = compare(row, self.data, self.chosen, self.describe, labels)
        message = _(
            "Somebody else has saved this mapping since you opened it, so your changes are not "
            "saved. See below what differs, and choose."
        )
        raise forms.ValidationError(message, code="conflict")

    @property
    def drift_key(self) -> str:
        """What the page shows of the changes in Salesforce; comes back with the form."""
        return fingerprint(self.drift)

    def _check_seen(self) -> None:
        """Saving accepts the changes in Salesforce, so it takes a page that showed them.

        A run may have read the fields again while the page stood open.
        """
        if self.drift and self.data.get(SEEN, "") != self.drift_key:
            message = _(
                "Fields have changed in Salesforce since you opened this page, so nothing is saved "
                "yet. See below what has changed, then save again."
            )
            raise forms.ValidationError(message, code="drift")

    def _refuse_errors(self) -> None:
        errors = [problem for problem in self.found if problem.is_error]
        for problem in errors:
            if problem.code in EXTERNAL_ID_CODES:
                self._refuse_identifier(problem)
            elif not problem.field:
                self.add_error(None, problem.message)
        marked = [each.field for each in errors if each.field and _is_general(each)]
        if marked:
            self.add_error(None, _marked(marked))

    def _refuse_identifier(self, problem: MappingProblem) -> None:
        """A mapping may wait for its identifier while the organization has none to choose."""
        if self.can_identify or self.cleaned_data.get("external_id_field"):
            self.add_error("external_id_field", problem.message)

    def save(self, commit: bool = True) -> Mapping:
        self.instance.org_id = Connection.load().org_id
        return super().save(commit)


def general_errors(found: list[MappingProblem]) -> list[str]:
    """What is wrong with the mapping as a whole, but not with its identifier."""
    return [each.message for each in found if not each.field and _is_general(each)]


def _is_general(problem: MappingProblem) -> bool:
    return problem.is_error and problem.code not in EXTERNAL_ID_CODES


def _marked(names: list[str]) -> str:
    return _("Correct the rows that are marked, or set them to “Not mapped”: %(names)s.") % {
        "names": ", ".join(names)
    }


def sent_rows(data: Any) -> dict[str, Chosen]:
    """The rows of a submitted form that map something."""
    names = [key.removeprefix(SOURCE) for key in data if key.startswith(SOURCE)]
    return {
        name: (data[SOURCE + name], _constant(data, name)) for name in names if data[SOURCE + name]
    }


def _constant(data: Any, name: str) -> str:
    """Several ticks of one row come under one name."""
    if isinstance(data, QueryDict):
        return joined(data.getlist(CONSTANT + name))
    return str(data.get(CONSTANT + name, ""))
