"""The changes of an import as an editor reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wagtail_salesforce.admin.config_rights import PART_LABELS
from wagtail_salesforce.admin.forms_replication import ReplicationForm
from wagtail_salesforce.config_document import Plan
from wagtail_salesforce.config_document.diff import ADDED, CHANGED, REMOVED, Change
from wagtail_salesforce.contacts.fields import FIELDS
from wagtail_salesforce.contacts.models import Attribute, FormConnection
from wagtail_salesforce.mapping.choices import label_of
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.mapping.resolve import GROUP_LABELS, NAMED_GROUPS, Group
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Rule, Score


KIND_LABELS = {
    ADDED: gettext_lazy("Added"),
    CHANGED: gettext_lazy("Changed"),
    REMOVED: gettext_lazy("Removed"),
}

MODELS: dict[str, type[Model]] = {
    "settings": ReplicationSettings,
    "attributes": Attribute,
    "form_connections": FormConnection,
    "scores": Score,
    "rules": Rule,
    "mappings": Mapping,
}

#: What the panel asks for under another name than the document's.
ASKED_AS = {"score": "audience", "assignment_rule": "assignment"}

#: Values longer than this, and those of several lines, are folded away.
LONG = 300


@dataclass(frozen=True)
class Value:
    """A value in words; `title` stands for one that is folded away."""

    text: str
    title: str = ""

    @property
    def folded(self) -> bool:
        """Whether only the title is seen at first."""
        return bool(self.title) or len(self.text) > LONG


@dataclass(frozen=True)
class Row:
    """One change. `names` say what it is about, from the outside inwards."""

    kind: str
    label: Any
    names: list[str]
    path: str
    old: Value | None
    new: Value | None


@dataclass(frozen=True)
class Part:
    """The rows of a part of the set-up, and the names of what is not in the document."""

    name: str
    label: Any
    rows: list[Row]
    kept: list[str]


def parts_of(plan: Plan) -> list[Part]:
    """The parts with any difference."""
    found = [_part(name, plan) for name in PART_LABELS]
    return [part for part in found if part.rows or part.kept]


def _part(name: str, plan: Plan) -> Part:
    rows = [_row(change) for change in plan.changes if change.keys[0] == name]
    return Part(name, PART_LABELS[name], rows, plan.kept.get(name, []))


def _row(change: Change) -> Row:
    names, field = _names(change.keys)
    old = None if change.kind == ADDED else _value(_before(change), field)
    new = None if change.kind == REMOVED else _value(_after(change), field)
    return Row(change.kind, KIND_LABELS[change.kind], names, change.path, old, new)


def _names(keys: tuple[str, ...]) -> tuple[list[str], Any]:
    """What people call the place, and the model's field it is, if it is one."""
    model = MODELS.get(keys[0])
    rest = keys[1:]
    names = list(rest)
    if keys[0] != "settings":
        names, rest = [keys[1]], keys[2:]
        if rest[:1] == ("rules",):
            model, names, rest = Rule, [*names, rest[1]], rest[2:]
        names += rest
    if not rest or model is None:
        return names, None
    field = _field(model, rest[0])
    label = _label(model, rest[0]) or _more(rest[0])
    # A row of a mapping or a form is called by its own name only.
    names[-len(rest) :] = [rest[1]] if len(rest) > 1 else [label]
    return names, field if len(rest) == 1 else None


def _label(model: type[Model], name: str) -> str:
    """A setting is called as on the panel, anything else as its model calls it."""
    if model is ReplicationSettings and name != "lead_description":
        asked = ReplicationForm.base_fields.get(ASKED_AS.get(name, name))
        return str(asked.label) if asked else ""
    return str(capfirst(str(getattr(_field(model, name), "verbose_name", ""))))


def _field(model: type[Model], name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _more(key: str) -> str:
    return {"form": _("Form page"), "object": _("Object")}.get(key, key)


SCORE = ("settings", "score")


def _before(change: Change) -> Any:
    """No score means everyone, unless the score was deleted."""
    if change.keys != SCORE or change.old is not None:
        return change.old
    gone = ReplicationSettings.load().by_score
    return _("None: the score was deleted") if gone else _("All contacts")


def _after(change: Change) -> Any:
    return _("All contacts") if change.keys == SCORE and change.new is None else change.new


def _value(value: Any, field: Any) -> Value:
    choices = dict(getattr(field, "flatchoices", None) or ())
    if isinstance(value, (str, int)) and value in choices:
        return Value(str(choices[value]))
    if isinstance(value, dict) and value:
        return _object(value)
    return Value(_plain(value))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value) or "–"
    return "–" if value in (None, "", {}) else str(value)


def _object(value: dict[str, Any]) -> Value:
    """A source or a target in words; anything larger whole, folded away below what it holds."""
    if value.get("source") in SOURCES and value.keys() <= {"source", "name", "value"}:
        return Value(_source(value))
    if len(value) == 1 and value.keys() <= TARGETS.keys():
        ((kind, name),) = value.items()
        return Value(f"{TARGETS[kind]}: {_field_label(name)}")
    return Value(json.dumps(value, ensure_ascii=False, indent=2), _title(value))


def _source(entry: dict[str, Any]) -> str:
    group = Group(entry["source"])
    named = group in NAMED_GROUPS and entry.get("name")
    words = label_of(entry, {}) if named else _plain(entry.get("value"))
    return f"{GROUP_LABELS[group]}: {words}"


def _field_label(name: Any) -> str:
    return str(FIELDS[name].label) if name in FIELDS else _plain(name)


TARGETS = {
    "field": gettext_lazy("Contact field"),
    "attribute": gettext_lazy("Attribute"),
    "split": gettext_lazy("Divided"),
}


def _title(value: dict[str, Any]) -> str:
    if "rules" in value:
        count = len(value["rules"])
        return ngettext("%(count)d rule", "%(count)d rules", count) % {"count": count}
    if isinstance(value.get("fields"), dict):
        count = len(value["fields"])
        return ngettext("%(count)d field", "%(count)d fields", count) % {"count": count}
    return _("Show the value")


SOURCES = [group.value for group in Group]
