"""Finding records by an external id.

Source: REST guide, "Upsert a Record Using an External ID", "Upsert Multiple Records with
sObject Collections".
"""

from typing import Any

from .errors import ApiError, not_found
from .fields import FieldSpec
from .schema import ObjectSpec
from .tables import Table


def external_field(spec: ObjectSpec, name: str) -> FieldSpec:
    """The external id field of this name, or the 404 that Salesforce answers."""
    field = spec.find(name)
    if field is None or not field.external_id:
        raise no_such_field(name)
    return field


def no_such_field(name: str) -> ApiError:
    """The 404 of a field that cannot be used to find records."""
    return not_found(f"Provided external ID field does not exist or is not accessible: {name}")


def find_ids(table: Table, field: FieldSpec, value: Any) -> tuple[str, ...]:
    """The living records with this external id, the oldest first."""
    # Assumption recycle-bin-upsert: a record in the recycle bin is not matched; an upsert makes a new one.
    return table.index(field.name, field.case_sensitive).find(value)


def value_from_path(field: FieldSpec, text: str) -> Any:
    """The value of a path segment in the field's own kind."""
    if not field.is_number:
        return text
    try:
        return float(text)
    except ValueError as error:
        raise not_found() from error
