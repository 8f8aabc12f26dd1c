"""One record against its object: unknown fields, rights, values, required fields.

Source: REST guide, "Status Codes and Error Responses"; Object reference, "Field Properties".
"""

from typing import Any

from .errors import RowError, RowErrors, row_error
from .plans import Plan
from .schema import ObjectSpec
from .values import wrong_kind_of
from .wire import Body, wrong_kind


NOTHING: frozenset[str] = frozenset()


def check_kinds(
    spec: ObjectSpec, record: dict[str, Any], body: Body, path: tuple[str | int, ...]
) -> None:
    """Refuse the whole call when any value is of the wrong JSON kind."""
    for key, field, quick, _ in spec.plan(record).steps:
        value = record[key]
        if type(value) not in quick:
            wanted = wrong_kind_of(field, value)
            if wanted is not None:
                raise wrong_kind(body, wanted, value, *path, key)


def clean(
    spec: ObjectSpec, record: dict[str, Any], *, creating: bool, ignored: frozenset[str] = NOTHING
) -> dict[str, Any]:
    """The values to store, by field name; raises :class:`RowErrors`."""
    # Assumption several-problems: of several problems in one row the first kind found here is told, all of it:
    # unknown field, forbidden fields, bad values, missing required fields.
    plan = spec.plan(record, ignored)
    _check_names(spec, plan, creating)
    values = {field.name: store(field, record[key]) for key, field, _, store in plan.steps}
    if RowError in map(type, values.values()):
        raise RowErrors(*(value for value in values.values() if isinstance(value, RowError)))
    _check_required(spec, plan, values, creating)
    return values


def _check_names(spec: ObjectSpec, plan: Plan, creating: bool) -> None:
    if plan.unknown is not None:
        text = f"No such column '{plan.unknown}' on sobject of type {spec.name}"
        raise row_error("INVALID_FIELD", text)
    names = plan.forbidden(creating)
    if names:
        raise row_error(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to create/update fields: {', '.join(names)}. Please check the security"
            " settings of this field and verify that it is read/write for your profile or"
            " permission set.",
            *names,
        )


def _check_required(spec: ObjectSpec, plan: Plan, values: dict[str, Any], creating: bool) -> None:
    absent = plan.absent if creating else ()
    missing = [
        field.name
        for field in spec.required
        if field.name in absent
        # Assumption null-takes-default: null for a required field with a default takes the default on create.
        or (values.get(field.name, "") is None and not (creating and field.defaulted))
    ]
    if missing:
        text = f"Required fields are missing: [{', '.join(missing)}]"
        raise row_error("REQUIRED_FIELD_MISSING", text, *missing)
