"""Records as reads show them.

Source: REST guide, "Get Field Values from Records"; Object reference, "Address Compound Fields".
"""

from typing import Any

from .fields import FieldSpec
from .schema import ObjectSpec
from .tables import Row


MASK = "X"
ADDRESS_PARTS = (
    "City",
    "Country",
    "GeocodeAccuracy",
    "Latitude",
    "Longitude",
    "PostalCode",
    "State",
    "Street",
)
# Only an org with State and Country picklists keeps these.
ADDRESS_CODES = ("CountryCode", "StateCode")


def shown(spec: ObjectSpec, row: Row, fields: list[FieldSpec], root: str) -> dict[str, Any]:
    """A record with its attributes and the wanted fields."""
    record: dict[str, Any] = {"attributes": attributes(spec.name, row["Id"], root)}
    for field in fields:
        record[field.name] = value_of(field, row)
    return record


def attributes(name: str, record_id: str, root: str) -> dict[str, str]:
    """The ``attributes`` member of a record."""
    return {"type": name, "url": f"{root}/sobjects/{name}/{record_id}"}


def value_of(field: FieldSpec, row: Row) -> Any:
    """One value as it is read."""
    if field.type == "address":
        return _address(field.name.removesuffix("Address"), row)
    if field.type == "location":
        return _location(field.name.removesuffix("c"), row)
    if field.calculated:
        return _formula(field, row)
    value = row.get(field.name)
    if value is None:
        return False if field.type == "boolean" else None
    if field.type == "encryptedstring":
        # Without the right to view encrypted data the value is masked.
        # Assumption mask: every character by an X.
        return MASK * len(value)
    return value


def _address(prefix: str, row: Row) -> dict[str, Any] | None:
    names = (*ADDRESS_PARTS, *(name for name in ADDRESS_CODES if prefix + name in row))
    parts = {name[0].lower() + name[1:]: row.get(prefix + name) for name in names}
    return parts if any(value is not None for value in parts.values()) else None


def _location(prefix: str, row: Row) -> dict[str, Any] | None:
    parts = {name: row.get(f"{prefix}{name.title()}__s") for name in ("latitude", "longitude")}
    return parts if any(value is not None for value in parts.values()) else None


def _formula(field: FieldSpec, row: Row) -> Any:
    """The one formula that is worked out: a band by the score; the others stay empty."""
    if "Score__c" not in (field.formula or ""):
        return None
    return "High" if (row.get("Score__c") or 0) > 50 else "Low"
