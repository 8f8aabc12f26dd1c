"""What can be known of a record from its keys alone, worked out once for all rows alike.

The rows of a call usually carry the same fields, so unknown names, missing rights and the way
each value is checked are settled once for each set of keys.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .fields import FieldSpec
from .values import QUICK_KINDS, Store, store_of


if TYPE_CHECKING:
    from .schema import ObjectSpec

Step = tuple[str, FieldSpec, frozenset[type], Store]


@dataclass(frozen=True)
class Plan:
    """The steps for one set of keys: record key, field, kinds surely right, how to store."""

    steps: tuple[Step, ...]
    unknown: str | None
    not_createable: tuple[str, ...]
    not_updateable: tuple[str, ...]
    absent: tuple[str, ...]
    keys: dict[str, str]

    def key(self, name: str) -> str | None:
        """The record's spelling of a name, if it has it."""
        return self.keys.get(name.lower())

    def forbidden(self, creating: bool) -> tuple[str, ...]:
        """The fields that may not be written."""
        return self.not_createable if creating else self.not_updateable


def make_plan(spec: "ObjectSpec", keys: tuple[str, ...], ignored: frozenset[str]) -> Plan:
    """Work out the plan for records with these keys, of which some are no fields to write."""
    names = [key for key in keys if key != "attributes" and key.lower() not in ignored]
    found = [(key, spec.find(key)) for key in names]
    fields = [(key, field) for key, field in found if field is not None]
    given = {field.name for _, field in fields}
    required = (field for field in spec.required if not field.defaulted)
    return Plan(
        steps=tuple((key, field, _quick(field), store_of(field)) for key, field in fields),
        unknown=next((key for key, field in found if field is None), None),
        not_createable=tuple(field.name for _, field in fields if not field.createable),
        not_updateable=tuple(field.name for _, field in fields if not field.updateable),
        absent=tuple(field.name for field in required if field.name not in given),
        keys={key.lower(): key for key in keys},
    )


def _quick(field: FieldSpec) -> frozenset[Any]:
    return QUICK_KINDS.get(field.type, QUICK_KINDS["string"])
