"""Shapes that real orgs have, switched on by name: they change the fields that describe lists.

Source: Object reference, "Lead", "Account"; Salesforce help on State and Country picklists,
record types, person accounts and multiple currencies. Of Lead's fields with these features only
their being there is documented; what their describe says is composed from that of like fields.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from .common_fields import reference
from .country_lists import countries, states
from .errors import ApiError
from .fields import FieldSpec, PicklistValue, field, read_only
from .large_fields import large_fields
from .record_types import FIELD as RECORD_TYPE
from .record_types import RECORD_TYPES
from .schema import Schema


CURRENCIES = (("CHF", "Swiss Franc"), ("EUR", "Euro"), ("GBP", "British Pound"))
CORPORATE_CURRENCY = "EUR"


def check_shapes(names: Iterable[str]) -> None:
    """Refuse names that are none."""
    for name in names:
        if name not in SHAPES:
            known = ", ".join(sorted(SHAPES))
            raise ApiError(400, "UNKNOWN_SHAPE", f"No shape {name!r}; there are: {known}")


def apply_shapes(schema: Schema, names: Iterable[str]) -> None:
    """Give the objects the fields of these shapes, in the order that is right for them."""
    wanted = set(names)
    for name, shape in SHAPES.items():
        if name in wanted:
            shape(schema)
    for spec in schema.objects.values():
        spec.refresh()


def _put(schema: Schema, name: str, *specs: FieldSpec, after: str | None = None) -> None:
    """Add fields to an object, behind the one named or at the end."""
    known = list(schema.objects[name].fields.values())
    place = next((i for i, each in enumerate(known, 1) if each.name == after), len(known))
    fields = [*known[:place], *specs, *known[place:]]
    schema.objects[name].fields = {each.name: each for each in fields}


def _record_types(schema: Schema) -> None:
    default = next(kind.id for kind in RECORD_TYPES if kind.default)
    spec = reference(
        RECORD_TYPE,
        "Record Type ID",
        "RecordType",
        relationship="RecordType",
        defaulted=True,
        assigned=default,
    )
    _put(schema, "Lead", spec, after="OwnerId")


def _person_accounts(schema: Schema) -> None:
    """Company may stay empty, which makes the lead one of a person; Account has a person's names."""
    # Assumption person-account-company: describe says so by making Company nillable.
    lead = schema.objects["Lead"].fields
    lead["Company"] = replace(lead["Company"], nillable=True)
    account = [
        field("FirstName", "string", "First Name", length=40),
        field("LastName", "string", "Last Name", length=80),
        field("PersonEmail", "email", "Email"),
        read_only(reference("PersonContactId", "Contact ID", "Contact")),
        read_only(field("IsPersonAccount", "boolean", "Is Person Account")),
    ]
    _put(schema, "Account", *account, after="Name")


def _state_country(schema: Schema) -> None:
    """The two code fields beside the texts, which stay writeable."""
    # Assumption address-code-fields: describe shows both as restricted picklists of length 10.
    common = {"length": 10, "restricted": True, "compound": "Address", "permissionable": True}
    state = field(
        "StateCode",
        "picklist",
        "State/Province Code",
        picklist=states(),
        controller="CountryCode",
        **common,
    )
    country = field("CountryCode", "picklist", "Country Code", picklist=countries(), **common)
    _put(schema, "Lead", state, country, after="Country")


def _multi_currency(schema: Schema) -> None:
    # Assumption currency-default: a record without a currency takes the corporate one.
    spec = field(
        "CurrencyIsoCode",
        "picklist",
        "Lead Currency",
        length=3,
        restricted=True,
        defaulted=True,
        assigned=CORPORATE_CURRENCY,
        picklist=tuple(PicklistValue(code, name) for code, name in CURRENCIES),
    )
    _put(schema, "Lead", spec, after="AnnualRevenue")


def _large(schema: Schema) -> None:
    """As many fields as an edition allows a customer to have; last, so that it fills up."""
    _put(schema, "Lead", *large_fields(len(schema.objects["Lead"].fields)))


SHAPES: dict[str, Callable[[Schema], None]] = {
    "record_types": _record_types,
    "person_accounts": _person_accounts,
    "state_country": _state_country,
    "multi_currency": _multi_currency,
    "large": _large,
}
