"""The custom fields of the practice org's Lead: one of every type a mapping can meet.

Composed from the attributes that describe prints of such fields (REST guide, "sObject
Describe"; Object reference, "Field Types").
"""

from dataclasses import replace

from .fields import FieldSpec, PicklistValue, entries, field, read_only


EXTERNAL_ID = "Web_Contact_ID__c"


def custom(name: str, type: str, label: str, **attributes: object) -> FieldSpec:
    """A custom field; its rights come by field-level security."""
    return replace(field(name, type, label, **attributes), custom=True, permissionable=True)


def lead_custom_fields() -> list[FieldSpec]:
    """External ids first, then texts, choices, numbers, moments and the read-only kinds."""
    return [*_keys(), *_texts(), *_choices(), *_numbers(), *_moments(), *_computed()]


def web_contact_id() -> FieldSpec:
    """The unique external id that the site's contacts are known by."""
    return custom(EXTERNAL_ID, "string", "Web Contact ID", length=32, external_id=True, unique=True)


def _keys() -> list[FieldSpec]:
    exact = {"external_id": True, "unique": True, "case_sensitive": True}
    return [
        web_contact_id(),
        custom("Exact_Key__c", "string", "Exact Key", length=40, **exact),
        custom("Legacy_Key__c", "string", "Legacy Key", length=40, external_id=True),
        custom("Legacy_Number__c", "double", "Legacy Number", precision=18, external_id=True),
        custom("Tax_Number__c", "string", "Tax Number", length=20, unique=True),
    ]


def _texts() -> list[FieldSpec]:
    return [
        custom("Product_Interest__c", "string", "Product Interest", length=100),
        custom("Delivery_Note__c", "textarea", "Delivery Note", extra_type="plaintextarea"),
        custom("Story__c", "textarea", "Story", length=32768, extra_type="plaintextarea"),
        custom("Secret_Note__c", "encryptedstring", "Secret Note", length=100),
        custom("Second_Email__c", "email", "Second Email"),
        custom("Direct_Line__c", "phone", "Direct Line"),
        custom("Blog__c", "url", "Blog"),
    ]


def _choices() -> list[FieldSpec]:
    tiers = (*entries("Bronze", "Silver", "Platinum"), PicklistValue("Iron", active=False))
    return [
        custom("Newsletter__c", "boolean", "Newsletter"),
        custom("Tier__c", "picklist", "Tier", picklist=tiers, restricted=True),
        custom("Channel__c", "picklist", "Channel", picklist=entries("Web", "Shop", "Fair")),
        custom(
            "Products__c",
            "multipicklist",
            "Products",
            picklist=entries("Server", "Desktop", "Cloud", "Support"),
            restricted=True,
        ),
        custom("Topics__c", "multipicklist", "Topics", picklist=entries("News", "Events")),
        custom(
            "Campaign__c",
            "reference",
            "Campaign",
            reference_to=("Campaign",),
            relationship="Campaign__r",
        ),
    ]


def _numbers() -> list[FieldSpec]:
    return [
        custom("Licences__c", "double", "Licences", precision=8, scale=0),
        custom("Score__c", "double", "Score", precision=6, scale=2),
        custom("Discount__c", "percent", "Discount", precision=5, scale=2),
        custom("Budget__c", "currency", "Budget", precision=16, scale=2),
    ]


def _moments() -> list[FieldSpec]:
    return [
        custom("Renewal_Date__c", "date", "Renewal Date"),
        custom("Last_Visit__c", "datetime", "Last Visit"),
    ]


def _computed() -> list[FieldSpec]:
    number = custom("Lead_Number__c", "string", "Lead Number", length=30, auto_number=True)
    band = custom(
        "Score_Band__c",
        "string",
        "Score Band",
        length=1300,
        calculated=True,
        formula='IF(Score__c > 50, "High", "Low")',
    )
    return [read_only(replace(number, nillable=False, defaulted=True)), read_only(band)]
