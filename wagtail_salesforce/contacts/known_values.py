"""What editors have set up that values are checked against: attributes, choices and statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Expression, JSONField

from wagtail_salesforce.contacts.choices import choices_of
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute, ContactStatus


@dataclass(frozen=True)
class KnownValues:
    """The attributes' types by name, the choices of those of the type choice, all statuses."""

    types: Mapping[str, FieldType] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    statuses: Sequence[str] = ()

    def for_field(self, name: str) -> Sequence[str] | None:
        """The values that a contact field may have; None when it may have any."""
        return self.statuses if name == "status" else None

    def for_attribute(self, name: str) -> Sequence[str] | None:
        """The values that an attribute may have; None when it may have any."""
        if self.types.get(name) is not FieldType.CHOICE:
            return None
        return self.choices.get(name, ())


def load_known_values(*, attributes: bool = True, statuses: bool = True) -> KnownValues:
    """Read what is asked for, in one statement each."""
    rows = Attribute.objects.values_list("name", "type", "choices") if attributes else []
    names = ContactStatus.objects.values_list("name", flat=True) if statuses else []
    rows = list(rows)
    return KnownValues(
        types={name: FieldType(kind) for name, kind, _lines in rows},
        choices={name: choices_of(lines) for name, _kind, lines in rows if lines},
        statuses=tuple(names),
    )


def known_to(connection: Any) -> KnownValues:
    """What was read along with a form connection by `with_known_values`."""
    types = getattr(connection, "attribute_types", None) or {}
    lines = getattr(connection, "attribute_choices", None) or {}
    return KnownValues(
        types={name: FieldType(kind) for name, kind in types.items()},
        choices={name: choices_of(text) for name, text in lines.items()},
        statuses=tuple(getattr(connection, "status_names", None) or ()),
    )


def with_known_values() -> dict[str, Expression]:
    """The annotations that let one statement read a row and what its values are checked with.

    `attribute_types` (name to type), `attribute_choices` (name to its choices, one a line; only
    of the type choice) and `status_names` (a list); each may be None when there are none.
    """
    choice = FieldType.CHOICE.value
    return {
        "attribute_types": Gathered(Attribute, "name", "type"),
        "attribute_choices": Gathered(Attribute, "name", "choices", where=("type", choice)),
        "status_names": Gathered(ContactStatus, "name"),
    }


class Gathered(Expression):
    """One column of a whole table as a JSON list, or two as a JSON object."""

    output_field = JSONField()
    functions = {
        "sqlite": ("JSON_GROUP_ARRAY", "JSON_GROUP_OBJECT"),
        "postgresql": ("JSONB_AGG", "JSONB_OBJECT_AGG"),
        "mysql": ("JSON_ARRAYAGG", "JSON_OBJECTAGG"),
    }

    def __init__(self, model: Any, *columns: str, where: tuple[str, str] | None = None) -> None:
        super().__init__()
        self.model, self.columns, self.where = model, columns, where

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str, ...]]:
        quote = connection.ops.quote_name
        function = self.functions[connection.vendor][len(self.columns) - 1]
        columns = ", ".join(map(quote, self.columns))
        sql = f"SELECT {function}({columns}) FROM {quote(self.model._meta.db_table)}"  # noqa: S608
        if self.where is None:
            return f"({sql})", ()
        column, value = self.where
        return f"({sql} WHERE {quote(column)} = %s)", (value,)
