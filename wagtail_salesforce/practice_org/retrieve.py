"""Many records by id in one call.

Source: REST guide, "Get Multiple Records with Fewer Limitations" (POST, up to 2,000 ids) and
"Get Multiple Records" (GET).
"""

from typing import Any

from .errors import ApiError
from .fields import FieldSpec
from .ids import normalise
from .read_rows import shown
from .schema import ObjectSpec
from .wire import Answer, Call, wrong_kind


MOST_IDS = 2000


def retrieve_by_query(call: Call, object: str) -> Answer:
    """GET …/composite/sobjects/{object}?ids=…&fields=…"""
    spec = call.object(object)
    return _retrieve(call, spec, _names(call.query.get("ids")), _names(call.query.get("fields")))


def retrieve_by_body(call: Call, object: str) -> Answer:
    """POST …/composite/sobjects/{object} with ``ids`` and ``fields``."""
    spec = call.object(object)
    body = call.json_object()
    return _retrieve(call, spec, _list(call, body, "ids"), _list(call, body, "fields"))


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _list(call: Call, body: dict[str, Any], name: str) -> list[str]:
    value = body.get(name)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise wrong_kind(call.body, "list", value, name)
    return value


def _retrieve(call: Call, spec: ObjectSpec, ids: list[str], names: list[str]) -> Answer:
    if not ids or not names:
        # Assumption retrieve-missing: code and text when ids or fields are left out.
        missing = "ids" if not ids else "fields"
        text = f"The required parameter {missing} is missing"
        raise ApiError(400, "MISSING_ARGUMENT", text)
    if len(ids) > MOST_IDS:
        raise ApiError(400, "EXCEEDED_ID_LIMIT", "record limit reached. cannot retrieve more")
    fields = [_field(spec, name) for name in ("Id", *names)]
    call.rows = len(ids)
    return Answer(200, [_record(call, spec, fields, each) for each in ids])


def _field(spec: ObjectSpec, name: str) -> FieldSpec:
    field = spec.find(name)
    if field is None:
        text = f"No such column '{name}' on entity '{spec.name}'"
        raise ApiError(400, "INVALID_FIELD", text)
    return field


def _record(
    call: Call, spec: ObjectSpec, fields: list[FieldSpec], text: str
) -> dict[str, Any] | None:
    record_id = normalise(text)
    row = call.org.tables.table(spec.name).get(record_id) if record_id else None
    # Assumption retrieve-null: an id that is unknown, deleted or malformed gives null in its place.
    if row is None or row["IsDeleted"]:
        return None
    return shown(spec, row, list({field.name: field for field in fields}.values()), call.root)
