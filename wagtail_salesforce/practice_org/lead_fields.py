"""The standard fields of Lead.

Source: Object reference, "Lead", with the sizes and rights that describe gives in version 59.
"""

from dataclasses import replace

from .common_fields import (
    address_parts,
    audit_fields,
    compound_address,
    coordinates,
    id_field,
    is_deleted,
    owner,
    reference,
    viewed_fields,
)
from .fields import FieldSpec, PicklistValue, entries, field, read_only


SALUTATIONS = entries("Mr.", "Ms.", "Mrs.", "Dr.", "Prof.", "Mx.")
LEAD_SOURCES = entries("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
STATUSES = entries(
    "Open - Not Contacted",
    "Working - Contacted",
    "Closed - Converted",
    "Closed - Not Converted",
    default="Open - Not Contacted",
)
RATINGS = entries("Hot", "Warm", "Cold")
ACCURACIES = entries(
    *[
        "Address",
        "NearAddress",
        "Block",
        "Street",
        "ExtendedZip",
        "Zip",
        "Neighborhood",
        "City",
        "County",
        "State",
    ],
    "Unknown",
)
INDUSTRIES = entries(
    *[
        "Agriculture",
        "Apparel",
        "Banking",
        "Biotechnology",
        "Chemicals",
        "Communications",
        "Construction",
        "Consulting",
        "Education",
        "Electronics",
        "Energy",
        "Engineering",
        "Entertainment",
        "Environmental",
        "Finance",
    ],
    "Food & Beverage",
    *[
        "Government",
        "Healthcare",
        "Hospitality",
        "Insurance",
        "Machinery",
        "Manufacturing",
        "Media",
    ],
    "Not For Profit",
    *[
        "Recreation",
        "Retail",
        "Shipping",
        "Technology",
        "Telecommunications",
        "Transportation",
        "Utilities",
    ],
    "Other",
)
CLEAN_STATUSES = tuple(
    PicklistValue(value, label)
    for value, label in (
        ("Matched", "In Sync"),
        ("Different", "Different"),
        ("Acknowledged", "Reviewed"),
        ("NotFound", "Not Found"),
        ("Inactive", "Inactive"),
        ("Pending", "Not Compared"),
        ("SelectMatch", "Select Match"),
        ("Skipped", "Skipped"),
    )
)


def lead_fields() -> list[FieldSpec]:
    """Every standard field of Lead, in the order describe lists them."""
    return [*_identity(), *_address(), *_reach(), *_selling(), *_conversion(), *_tail()]


def person_name(compound: str = "Name", *, last_name_label: str = "Last Name") -> list[FieldSpec]:
    """Last name, first name and salutation, parts of the compound name."""
    person = {"compound": compound, "extra_type": "personname"}
    return [
        field("LastName", "string", last_name_label, length=80, nillable=False, **person),
        field("FirstName", "string", "First Name", length=40, **person),
        field("Salutation", "picklist", "Salutation", length=40, picklist=SALUTATIONS, **person),
    ]


def full_name() -> FieldSpec:
    """The compound name, composed by the org."""
    spec = field("Name", "string", "Full Name", length=121, nillable=False, name_field=True)
    return read_only(replace(spec, extra_type="personname"))


def _identity() -> list[FieldSpec]:
    return [
        id_field("Lead ID"),
        is_deleted(),
        read_only(
            reference("MasterRecordId", "Master Record ID", "Lead", relationship="MasterRecord")
        ),
        *person_name(),
        full_name(),
        field("Title", "string", "Title", length=128, permissionable=True),
        field("Company", "string", "Company", nillable=False),
    ]


def _address() -> list[FieldSpec]:
    accuracy = field(
        "GeocodeAccuracy",
        "picklist",
        "Geocode Accuracy",
        length=40,
        restricted=True,
        picklist=ACCURACIES,
        compound="Address",
        permissionable=True,
    )
    return [*address_parts(), *coordinates(), accuracy, compound_address()]


def _reach() -> list[FieldSpec]:
    return [
        field("Phone", "phone", "Phone", permissionable=True),
        field("MobilePhone", "phone", "Mobile Phone", permissionable=True),
        field("Fax", "phone", "Fax", permissionable=True),
        field("Email", "email", "Email", id_lookup=True, permissionable=True),
        field("Website", "url", "Website", permissionable=True),
        read_only(field("PhotoUrl", "url", "Photo URL", extra_type="imageurl")),
        field(
            "Description",
            "textarea",
            "Description",
            length=32000,
            permissionable=True,
            extra_type="plaintextarea",
        ),
    ]


def _selling() -> list[FieldSpec]:
    return [
        field("LeadSource", "picklist", "Lead Source", picklist=LEAD_SOURCES, permissionable=True),
        field(
            "Status",
            "picklist",
            "Status",
            nillable=False,
            defaulted=True,
            default="Open - Not Contacted",
            picklist=STATUSES,
        ),
        field("Industry", "picklist", "Industry", picklist=INDUSTRIES, permissionable=True),
        field("Rating", "picklist", "Rating", picklist=RATINGS, permissionable=True),
        field("AnnualRevenue", "currency", "Annual Revenue", precision=18, permissionable=True),
        field("NumberOfEmployees", "int", "Employees", digits=8, permissionable=True),
        owner(),
    ]


def _conversion() -> list[FieldSpec]:
    return [
        field("IsConverted", "boolean", "Converted", updateable=False),
        read_only(field("ConvertedDate", "date", "Converted Date")),
        *(
            read_only(
                reference(
                    f"Converted{target}Id",
                    f"Converted {target} ID",
                    target,
                    relationship=f"Converted{target}",
                )
            )
            for target in ("Account", "Contact", "Opportunity")
        ),
        field("IsUnreadByOwner", "boolean", "Unread By Owner"),
    ]


def _tail() -> list[FieldSpec]:
    return [
        *audit_fields(),
        read_only(field("LastActivityDate", "date", "Last Activity")),
        *viewed_fields(),
        field("Jigsaw", "string", "Data.com Key", length=20, permissionable=True),
        read_only(
            field(
                "JigsawContactId",
                "string",
                "Jigsaw Contact ID",
                length=20,
                relationship="JigsawContact",
            )
        ),
        field(
            "CleanStatus",
            "picklist",
            "Clean Status",
            length=40,
            restricted=True,
            picklist=CLEAN_STATUSES,
            permissionable=True,
        ),
        field(
            "CompanyDunsNumber", "string", "Company D-U-N-S Number", length=9, permissionable=True
        ),
        reference(
            "DandbCompanyId",
            "D&B Company ID",
            "DandBCompany",
            relationship="DandbCompany",
            permissionable=True,
        ),
        field("EmailBouncedReason", "string", "Email Bounced Reason", createable=False),
        field("EmailBouncedDate", "datetime", "Email Bounced Date", createable=False),
        reference("IndividualId", "Individual ID", "Individual", relationship="Individual"),
    ]
