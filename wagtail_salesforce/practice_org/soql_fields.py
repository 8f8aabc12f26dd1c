"""Field names of a statement resolved against the schema, through relationships if need be.

Source: SOQL reference, "Relationship Queries" (child to parent); REST guide, "Query".
"""

from dataclasses import dataclass
from typing import Any

from .fields import FieldSpec
from .org import Org
from .read_rows import attributes, value_of
from .schema import ObjectSpec
from .soql import Statement
from .soql_lexer import Word
from .tables import Row


DEEPEST = 5


@dataclass(frozen=True)
class Path:
    """A field, perhaps of a parent record: the reference fields to follow, then the field."""

    relationships: tuple[str, ...]
    references: tuple[FieldSpec, ...]
    field: FieldSpec

    def value(self, org: Org, row: Row) -> Any:
        """The value that a record, or its parent, has."""
        for reference in self.references:
            _, parent = _parent(org, reference, row)
            if parent is None:
                return None
            row = parent
        return value_of(self.field, row)


def _parent(org: Org, reference: FieldSpec, row: Row) -> tuple[ObjectSpec | None, Row | None]:
    parent_id = row.get(reference.name)
    spec = org.schema.by_prefix(parent_id) if parent_id else None
    return spec, org.tables.table(spec.name).get(parent_id) if spec and parent_id else None


def resolve_path(org: Org, statement: Statement, spec: ObjectSpec, word: Word) -> Path:
    """The path of a name, or INVALID_FIELD."""
    *relationships, last = word.text.split(".")
    if relationships and relationships[0].lower() == spec.name.lower():
        relationships = relationships[1:]
    references: list[FieldSpec] = []
    for name in relationships[:DEEPEST]:
        reference = _reference(spec, name)
        target = _target(org, reference)
        if reference is None or target is None:
            text = f"Didn't understand relationship '{name}' in field path."
            raise statement.error(word, "INVALID_FIELD", text)
        references.append(reference)
        spec = target
    field = spec.find(last)
    if field is None:
        raise no_such_column(statement, word, last, spec)
    names = tuple(reference.relationship or "" for reference in references)
    return Path(names, tuple(references), field)


def no_such_column(statement: Statement, word: Word, name: str, spec: ObjectSpec) -> Exception:
    """The error of a name that the object does not have."""
    text = (
        f"No such column '{name}' on entity '{spec.name}'. If you are attempting to use a custom"
        " field, be sure to append the '__c' after the custom field name. Please reference your"
        " WSDL or the describe call for the appropriate names."
    )
    return statement.error(word, "INVALID_FIELD", text)


def _reference(spec: ObjectSpec, name: str) -> FieldSpec | None:
    lowered = name.lower()
    return next((f for f in spec.visible if (f.relationship or "").lower() == lowered), None)


def _target(org: Org, reference: FieldSpec | None) -> ObjectSpec | None:
    """The parent object; of a queue or user the user, which has every common field."""
    names = reference.reference_to if reference else ()
    known = [org.schema.objects[name] for name in names if name in org.schema.objects]
    return known[-1] if known else None


def record(org: Org, spec: ObjectSpec, row: Row, paths: list[Path], root: str) -> dict[str, Any]:
    """A query's record: attributes, fields, and parents as nested records."""
    result: dict[str, Any] = {"attributes": attributes(spec.name, row["Id"], root)}
    for path in paths:
        _place(org, result, row, path, root)
    return result


def _place(org: Org, result: dict[str, Any], row: Row, path: Path, root: str) -> None:
    for name, reference in zip(path.relationships, path.references, strict=True):
        spec, parent = _parent(org, reference, row)
        if spec is None or parent is None:
            result[name] = None
            return
        inner = result.get(name)
        if inner is None:
            inner = result[name] = {"attributes": attributes(spec.name, parent["Id"], root)}
        result, row = inner, parent
    result[path.field.name] = value_of(path.field, row)
