"""The system fields that every object has, and the address parts that several share.

Source: Object reference, "System Fields" and "Address Compound Fields".
"""

from .fields import FieldSpec, field, read_only


def id_field(label: str) -> FieldSpec:
    """The record id."""
    spec = field("Id", "id", label, nillable=False, defaulted=True, id_lookup=True)
    return read_only(spec)


def reference(
    name: str, label: str, *targets: str, relationship: str | None = None, **attributes: object
) -> FieldSpec:
    """A lookup to another object."""
    return field(
        name, "reference", label, reference_to=targets, relationship=relationship, **attributes
    )


def owner() -> FieldSpec:
    """The owner: a user or a queue, by default whoever creates the record."""
    return reference(
        "OwnerId",
        "Owner ID",
        "Group",
        "User",
        relationship="Owner",
        nillable=False,
        defaulted=True,
    )


def audit_fields() -> list[FieldSpec]:
    """Who made and changed the record, and when."""
    return [
        _set_by_org(field("CreatedDate", "datetime", "Created Date", **_REQUIRED)),
        _set_by_org(_user_reference("CreatedById", "Created By ID", "CreatedBy")),
        _set_by_org(field("LastModifiedDate", "datetime", "Last Modified Date", **_REQUIRED)),
        _set_by_org(_user_reference("LastModifiedById", "Last Modified By ID", "LastModifiedBy")),
        _set_by_org(field("SystemModstamp", "datetime", "System Modstamp", **_REQUIRED)),
    ]


_REQUIRED = {"nillable": False, "defaulted": True}


def _user_reference(name: str, label: str, relationship: str) -> FieldSpec:
    return reference(name, label, "User", relationship=relationship, **_REQUIRED)


def _set_by_org(spec: FieldSpec) -> FieldSpec:
    return read_only(spec)


def is_deleted() -> FieldSpec:
    """Whether the record lies in the recycle bin."""
    return read_only(field("IsDeleted", "boolean", "Deleted"))


def viewed_fields() -> list[FieldSpec]:
    """When anyone last looked at the record."""
    return [
        read_only(field("LastViewedDate", "datetime", "Last Viewed Date")),
        read_only(field("LastReferencedDate", "datetime", "Last Referenced Date")),
    ]


def address_parts(prefix: str = "", label: str = "") -> list[FieldSpec]:
    """The writeable parts of a compound address, and the compound itself, read-only."""
    parts = (
        ("Street", "textarea", "Street", 255),
        ("City", "string", "City", 40),
        ("State", "string", "State/Province", 80),
        ("PostalCode", "string", "Zip/Postal Code", 20),
        ("Country", "string", "Country", 80),
    )
    compound = f"{prefix}Address"
    return [
        field(
            prefix + name,
            kind,
            f"{label} {title}".strip(),
            length=length,
            compound=compound,
            permissionable=True,
            extra_type="plaintextarea" if kind == "textarea" else None,
        )
        for name, kind, title, length in parts
    ]


def coordinates(compound: str = "Address", prefix: str = "") -> list[FieldSpec]:
    """Latitude and longitude of a compound address."""
    return [
        field(
            prefix + name,
            "double",
            name,
            precision=18,
            scale=15,
            compound=compound,
            permissionable=True,
        )
        for name in ("Latitude", "Longitude")
    ]


def compound_address(name: str = "Address", label: str = "Address") -> FieldSpec:
    """The compound address that reads give as one object."""
    return read_only(field(name, "address", label, permissionable=True))
