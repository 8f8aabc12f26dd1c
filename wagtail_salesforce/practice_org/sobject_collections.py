"""sObject Collections: up to 200 rows in one call, answered row by row.

Source: REST guide, "sObject Collections", "Upsert Multiple Records with sObject Collections".
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from .errors import ApiError, RowError, RowErrors, row_error
from .external_ids import external_field, find_ids
from .fields import FieldSpec
from .ids import looks_like_id, normalise
from .save import Saver
from .schema import ObjectSpec
from .tables import index_key
from .validate import check_kinds
from .wire import Answer, Call, wrong_kind


MOST_ROWS = 200
ID_KEY = frozenset({"id"})
ROLLED_BACK = RowError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using"
    " AllOrNone header",
)
Record = dict[str, Any]
Result = dict[str, Any]


def create_rows(call: Call) -> Answer:
    """POST …/composite/sobjects: insert rows, of mixed objects if need be."""
    records, specs = _read(call)
    savers = _savers(call, specs)

    def save(position: int) -> Result:
        saver = savers[specs[position].name]
        return _success(saver.create(records[position])["Id"])

    return _run(call, len(records), save)


def update_rows(call: Call) -> Answer:
    """PATCH …/composite/sobjects: change rows by record id."""
    records, specs = _read(call)
    savers = _savers(call, specs)
    keys = [_value(record, spec, "id") for record, spec in zip(records, specs, strict=True)]
    repeated = _repeated([normalise(key) if key else None for key in keys])

    def save(position: int) -> Result:
        record_id = _checked_id(keys[position], specs[position], repeated)
        saver = savers[specs[position].name]
        return _success(saver.update(record_id, records[position], ID_KEY)["Id"])

    return _run(call, len(records), save)


def upsert_rows(call: Call, object: str, field: str) -> Answer:
    """PATCH …/composite/sobjects/{object}/{field}: insert or change rows by external id."""
    spec = call.object(object)
    key_field = external_field(spec, field)
    records, specs = _read(call)
    saver = Saver(call, spec)
    keys = [_value(record, spec, key_field.name) for record in records]
    repeated = _repeated([index_key(key, key_field.case_sensitive) for key in keys])

    def save(position: int) -> Result:
        _check_row(records[position], specs[position], spec, keys[position], key_field, repeated)
        return _upsert(saver, key_field, keys[position], records[position])

    return _run(call, len(records), save)


def _upsert(saver: Saver, field: FieldSpec, key: Any, record: Record) -> Result:
    found = find_ids(saver.table, field, key)
    if len(found) > 1:
        text = f"{field.title}: more than one record found for external id field:"
        raise row_error("DUPLICATE_EXTERNAL_ID", f"{text} [{', '.join(found)}]")
    if not found:
        row = saver.create(record)
        return {**_success(row["Id"]), "created": True}
    row = saver.update(found[0], record, frozenset({field.name.lower()}))
    return {**_success(row["Id"]), "created": False}


def _check_row(
    record: Record,
    given: ObjectSpec,
    spec: ObjectSpec,
    key: Any,
    field: FieldSpec,
    repeated: set[Any],
) -> None:
    if given is not spec:
        # Assumption row-of-other-object: code and text of a row of another object than the URI's.
        raise row_error("INVALID_TYPE", f"sObject type '{given.name}' is not {spec.name}")
    if key is None or key == "":
        # Assumption blank-key: the code of a blank external id.
        raise row_error("MISSING_ARGUMENT", f"{field.name} not specified")
    if index_key(key, field.case_sensitive) in repeated:
        text = f"Duplicate external id specified: {key}"
        raise row_error("DUPLICATE_VALUE", text, field.name)
    if spec.plan(record).key("id") is not None:
        # Assumption id-in-body: a record id in an upsert row is refused like an external id given twice.
        text = "The Id field should not be specified in the sobject data."
        raise row_error("INVALID_FIELD", text)


def delete_rows(call: Call) -> Answer:
    """DELETE …/composite/sobjects?ids=…: move rows to the recycle bin."""
    ids = [each.strip() for each in call.query.get("ids", "").split(",") if each.strip()]
    _check_count(len(ids))
    call.rows = len(ids)
    call.all_or_none = call.query.get("allOrNone", "").lower() == "true"

    def save(position: int) -> Result:
        record_id = normalise(ids[position])
        spec = call.org.schema.by_prefix(record_id) if record_id else None
        if record_id is None or spec is None or not spec.writeable:
            raise row_error("MALFORMED_ID", f"malformed id {ids[position]}", "Id")
        return _success(Saver(call, spec).delete(record_id)["Id"])

    return _run(call, len(ids), save)


def _read(call: Call) -> tuple[list[Record], list[ObjectSpec]]:
    """The rows and their objects, or the refusal of the whole call."""
    envelope = call.json_object()
    records = envelope.get("records")
    if records is not None and not isinstance(records, list):
        raise wrong_kind(call.body, "list", records, "records")
    _check_count(len(records or ()))
    assert records is not None
    call.rows = len(records)
    call.all_or_none = _all_or_none(call, envelope)
    specs = [_object_of(call, record, position) for position, record in enumerate(records)]
    for position, (record, spec) in enumerate(zip(records, specs, strict=True)):
        check_kinds(spec, record, call.body, ("records", position))
    return records, specs


def _check_count(count: int) -> None:
    if count == 0:
        raise ApiError(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required")
    if count > MOST_ROWS:
        text = "record limit reached. cannot submit more than 200 records into this call"
        raise ApiError(400, "EXCEEDED_ID_LIMIT", text)


def _all_or_none(call: Call, envelope: Record) -> bool:
    value = envelope.get("allOrNone", False)
    if not isinstance(value, bool):
        raise wrong_kind(call.body, "boolean", value, "allOrNone")
    return value


def _object_of(call: Call, record: Any, position: int) -> ObjectSpec:
    if not isinstance(record, dict):
        raise wrong_kind(call.body, "SObject", record, "records", position)
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    spec = call.org.schema.find(name) if isinstance(name, str) else None
    if spec is None:
        # Assumption row-without-type: code and text of a row without a known object; the whole call is refused.
        text = f"sObject type '{name}' is not supported." if name else "attributes.type is required"
        raise ApiError(400, "INVALID_TYPE", text)
    if not spec.writeable:
        raise not_writeable(spec)
    return spec


def not_writeable(spec: ObjectSpec) -> ApiError:
    """The refusal to write to an object the API cannot write to."""
    # Assumption read-only-object: code and text of an object that takes no writes.
    text = f"entity type cannot be inserted, updated or deleted: {spec.label}"
    return ApiError(400, "INVALID_TYPE_FOR_OPERATION", text)


def _savers(call: Call, specs: list[ObjectSpec]) -> dict[str, Saver]:
    return {spec.name: Saver(call, spec) for spec in {each.name: each for each in specs}.values()}


def _value(record: Record, spec: ObjectSpec, name: str) -> Any:
    """The value a record has under a name, in whatever case; blank text is none."""
    key = spec.plan(record).key(name)
    value = record[key] if key is not None else None
    return None if isinstance(value, str) and not value.strip() else value


def _checked_id(key: str | None, spec: ObjectSpec, repeated: set[Any]) -> str:
    if key is None:
        raise row_error("MISSING_ARGUMENT", "Id not specified in an update call")
    record_id = check_id(spec, key)
    if record_id in repeated:
        # Assumption update-id-twice: one id twice in a call fails every row that has it, as in an upsert.
        raise row_error("DUPLICATE_VALUE", f"Duplicate id specified: {key}", "Id")
    return record_id


def check_id(spec: ObjectSpec, key: str) -> str:
    """The 18-character id of a record of this object, or MALFORMED_ID."""
    record_id = normalise(key)
    if record_id is None and looks_like_id(key) and len(key) == 18:
        raise row_error("MALFORMED_ID", f"malformed id {key}", "Id")
    if record_id is None or not record_id.startswith(spec.prefix):
        text = f"{spec.label} ID: id value of incorrect type: {key}"
        raise row_error("MALFORMED_ID", text, "Id")
    return record_id


def _repeated(keys: list[Any]) -> set[Any]:
    return {key for key, count in Counter(keys).items() if count > 1 and key is not None}


def _success(record_id: str) -> Result:
    return {"id": record_id, "success": True, "errors": []}


def _failure(errors: tuple[RowError, ...]) -> Result:
    # Assumption failed-row-keys: a failed row has only these two keys, in an upsert too.
    return {"success": False, "errors": [error.as_row() for error in errors]}


def _run(call: Call, count: int, save: Callable[[int], Result]) -> Answer:
    """Save the rows in request order; undo them all if all-or-none asks for it."""
    mark = call.org.tables.mark()
    results = [_one(save, position) for position in range(count)]
    call.failed_rows = sum(not result["success"] for result in results)
    if call.failed_rows and call.all_or_none and not call.inside_all_or_none:
        call.org.tables.roll_back(mark)
        results = [_rolled_back(result) if result["success"] else result for result in results]
    return Answer(200, results)


def _one(save: Callable[[int], Result], position: int) -> Result:
    try:
        return save(position)
    except RowErrors as refused:
        return _failure(refused.errors)


def _rolled_back(result: Result) -> Result:
    # Assumption rolled-back-id: sources differ on which rolled-back rows keep an id; here those of an upsert
    # do (as in the guide's example), those of create and update do not (as recorded).
    failure = _failure((ROLLED_BACK,))
    return {"id": result["id"], **failure} if "created" in result else failure
