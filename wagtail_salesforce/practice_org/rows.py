"""Single rows by record id, and the resources of an object as such.

Source: REST guide, "sObject Rows", "sObject Basic Information", "sObject Describe".
"""

from email.utils import parsedate_to_datetime
from typing import Any

from .describe import describe_global, describe_object, summary
from .errors import ApiError, not_found, row_error
from .external_ids import no_such_field
from .fields import FieldSpec
from .ids import looks_like_id
from .read_rows import attributes, shown
from .save import Saver
from .schema import ObjectSpec
from .sobject_collections import check_id, not_writeable
from .tables import Row
from .validate import check_kinds
from .wire import Answer, Call


def list_objects(call: Call) -> Answer:
    """GET …/sobjects: all objects."""
    return Answer(200, describe_global(call.org.schema, call.version))


def basic_information(call: Call, object: str) -> Answer:
    """GET …/sobjects/{object}: the object in short, and the newest records."""
    spec = call.object(object)
    newest = list(call.org.tables.table(spec.name).blobs)[-5:][::-1]
    # Assumption recent-items: the newest records stand for those the user looked at last.
    recent = [{"attributes": attributes(spec.name, each, call.root), "Id": each} for each in newest]
    body = {"objectDescribe": summary(spec, call.version), "recentItems": recent}
    return Answer(200, body)


def describe(call: Call, object: str) -> Answer:
    """GET …/sobjects/{object}/describe, honouring ``If-Modified-Since``."""
    spec = call.object(object)
    # Assumption describe-no-validator: the answer has neither Last-Modified nor ETag.
    if _unchanged_since(spec, call.header("If-Modified-Since")):
        return Answer(304)
    return Answer(200, describe_object(spec, call.version))


def _unchanged_since(spec: ObjectSpec, header: str | None) -> bool:
    if header is None or spec.changed_at is None:
        return False
    try:
        return spec.changed_at <= parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return False


def create_row(call: Call, object: str) -> Answer:
    """POST …/sobjects/{object}: insert one record."""
    spec, record = _written(call, object)
    row = Saver(call, spec).create(record)
    location = f"{call.root}/sobjects/{spec.name}/{row['Id']}"
    body = {"id": row["Id"], "success": True, "errors": []}
    return Answer(201, body, {"Location": location})


def read_row(call: Call, object: str, id: str) -> Answer:
    """GET …/sobjects/{object}/{id}: one record, all fields or those asked for."""
    spec = call.object(object)
    row = _addressed(call, spec, id)
    if row is None:
        raise not_found()
    if row["IsDeleted"]:
        raise row_error("ENTITY_IS_DELETED", "entity is deleted")
    return Answer(200, shown(spec, row, wanted_fields(call, spec), call.root))


def update_row(call: Call, object: str, id: str) -> Answer:
    """PATCH …/sobjects/{object}/{id}: change one record."""
    spec, record = _written(call, object)
    record_id = _known_id(call, spec, id)
    _refuse_id(record)
    Saver(call, spec).update(record_id, record)
    return Answer(204)


def delete_row(call: Call, object: str, id: str) -> Answer:
    """DELETE …/sobjects/{object}/{id}: move one record to the recycle bin."""
    spec = call.object(object)
    if not spec.writeable:
        raise not_writeable(spec)
    Saver(call, spec).delete(_known_id(call, spec, id))
    return Answer(204)


def wanted_fields(call: Call, spec: ObjectSpec) -> list[FieldSpec]:
    """The fields named by ``?fields=``, or all visible ones."""
    names = [name.strip() for name in call.query.get("fields", "").split(",") if name.strip()]
    return [_readable(spec, name) for name in names] if names else spec.visible


def _readable(spec: ObjectSpec, name: str) -> FieldSpec:
    field = spec.find(name)
    if field is None:
        text = f"No such column '{name}' on entity '{spec.name}'"
        raise ApiError(400, "INVALID_FIELD", text)
    return field


def _written(call: Call, object: str) -> tuple[ObjectSpec, dict[str, Any]]:
    """The object and the record to write, its kinds checked."""
    spec = call.object(object)
    if not spec.writeable:
        raise not_writeable(spec)
    record = call.json_object()
    call.rows = 1
    check_kinds(spec, record, call.body, ())
    return spec, record


def _record_id(spec: ObjectSpec, text: str) -> str:
    """The id in the path; what has not the form of one is taken for a field name."""
    if not looks_like_id(text):
        raise no_such_field(text)
    return check_id(spec, text)


def _known_id(call: Call, spec: ObjectSpec, text: str) -> str:
    """The id of a record that is or was there, or the 404 of a write to none."""
    record_id = _record_id(spec, text)
    if call.org.tables.table(spec.name).get(record_id) is None:
        raise ApiError(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
    return record_id


def _addressed(call: Call, spec: ObjectSpec, text: str) -> Row | None:
    record_id = _record_id(spec, text)
    return call.org.tables.table(spec.name).get(record_id)


def _refuse_id(record: dict[str, Any]) -> None:
    if any(name.lower() == "id" for name in record):
        # Assumption id-in-body: worded like the refusal of an external id given twice.
        text = "The Id field should not be specified in the sobject data."
        raise row_error("INVALID_FIELD", text)
