"""Single rows by external id.

Source: REST guide, "Insert or Update (Upsert) a Record Using an External ID", "sObject Rows by
External ID".
"""

import re

from .errors import ApiError, not_found, row_error
from .external_ids import external_field, find_ids, value_from_path
from .fields import FieldSpec
from .read_rows import shown
from .rows import wanted_fields
from .save import Saver
from .schema import ObjectSpec
from .sobject_collections import not_writeable
from .validate import check_kinds
from .wire import Answer, Call


# Assumption file-like-key: these endings stand for the top-level domains the guide warns of (it names .inc).
FILE_LIKE = re.compile(r".*\.(inc|com|org|net|edu|gov|biz|info|xml|json)", re.IGNORECASE)


def upsert_row(call: Call, object: str, field: str, value: str) -> Answer:
    """PATCH …/sobjects/{object}/{field}/{value}: insert or change one record."""
    spec, key_field, found = _find(call, object, field, value)
    record = call.json_object()
    call.rows = 1
    check_kinds(spec, record, call.body, ())
    for name in record:
        if name.lower() in (key_field.name.lower(), "id"):
            text = f"The {name} field should not be specified in the sobject data."
            raise row_error("INVALID_FIELD", text)
    saver = Saver(call, spec)
    if found:
        row = saver.update(found[0], record)
        return _done(200, row["Id"], created=False)
    if call.query.get("updateOnly", "").lower() == "true":
        raise not_found()
    row = saver.create({**record, key_field.name: value_from_path(key_field, value)})
    return _done(201, row["Id"], created=True)


def _done(status: int, record_id: str, *, created: bool) -> Answer:
    return Answer(status, {"id": record_id, "success": True, "errors": [], "created": created})


def read_external(call: Call, object: str, field: str, value: str) -> Answer:
    """GET …/sobjects/{object}/{field}/{value}: the record with this external id."""
    spec, _, found = _find(call, object, field, value)
    if not found:
        raise not_found()
    row = call.org.tables.table(spec.name).get(found[0])
    assert row is not None
    return Answer(200, shown(spec, row, wanted_fields(call, spec), call.root))


def delete_external(call: Call, object: str, field: str, value: str) -> Answer:
    """DELETE …/sobjects/{object}/{field}/{value}: move that record to the recycle bin."""
    spec, _, found = _find(call, object, field, value)
    if not found:
        raise not_found()
    Saver(call, spec).delete(found[0])
    return Answer(204)


class SeveralFound(ApiError):
    """300: the external id belongs to more than one record; the body lists their addresses."""

    def __init__(self, addresses: list[str]) -> None:
        super().__init__(300, "", "")
        self.addresses = addresses

    def body(self) -> list[str]:  # type: ignore[override]
        """The addresses."""
        return self.addresses


def _find(
    call: Call, object: str, field: str, value: str
) -> tuple[ObjectSpec, FieldSpec, tuple[str, ...]]:
    spec = call.object(object)
    key_field = external_field(spec, field)
    if FILE_LIKE.fullmatch(value):
        raise not_found()
    if call.method in ("PATCH", "DELETE") and not spec.writeable:
        raise not_writeable(spec)
    found = find_ids(call.org.tables.table(spec.name), key_field, value_from_path(key_field, value))
    if len(found) > 1:
        raise SeveralFound([f"{call.root}/sobjects/{spec.name}/{each}" for each in found])
    return spec, key_field, found
