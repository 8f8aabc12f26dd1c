"""Record types of Lead: what describe tells of them, and which of them a record may have.

Source: REST guide, "sObject Describe"; SOAP guide, "RecordTypeInfo". An object has them when it
has the field ``RecordTypeId``; without, describe lists the master record type alone.
"""

from dataclasses import dataclass
from typing import Any

from .errors import RowErrors, row_error
from .ids import make
from .schema import ObjectSpec
from .tables import Row


FIELD = "RecordTypeId"
MASTER = "012000000000000AAA"


@dataclass(frozen=True)
class RecordType:
    """One record type: whether the user of the API may choose it, and whether it is the default."""

    id: str
    name: str
    available: bool = True
    default: bool = False


RECORD_TYPES = (
    RecordType(make("012", 1), "Business", default=True),
    RecordType(make("012", 2), "Private"),
    RecordType(make("012", 3), "Partner", available=False),
)


def record_type_infos(spec: ObjectSpec, version: str) -> list[dict[str, Any]]:
    """``recordTypeInfos`` of describe: the org's own types first, the master last."""
    own = RECORD_TYPES if FIELD in spec.fields else ()
    layouts = f"/services/data/v{version}/sobjects/{spec.name}/describe/layouts"
    infos = [
        _info(kind.id, kind.name, layouts, available=kind.available, default=kind.default)
        for kind in own
    ]
    return [*infos, _info(MASTER, "Master", layouts, available=True, default=not own)]


def _info(
    record_type_id: str, name: str, layouts: str, *, available: bool, default: bool
) -> dict[str, Any]:
    return {
        "active": True,
        "available": available,
        "defaultRecordTypeMapping": default,
        "developerName": name,
        "master": record_type_id == MASTER,
        "name": name,
        "recordTypeId": record_type_id,
        "urls": {"layout": f"{layouts}/{record_type_id}"},
    }


def refuse_record_type(title: str, value: str, row: Row | None) -> RowErrors | None:
    """The error of a record type that the user may not give a record, or None."""
    available = {kind.id for kind in RECORD_TYPES if kind.available}
    # Assumption record-type-master: the master record type cannot be chosen.
    if row is not None and not row["IsDeleted"] and value in available:
        return None
    text = f"{title}: this ID value isn't valid for the user: {value}"
    return row_error("INVALID_CROSS_REFERENCE_KEY", text, FIELD)
