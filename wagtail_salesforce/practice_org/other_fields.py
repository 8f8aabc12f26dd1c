"""The fields of the objects around Lead, as far as the practice org needs them.

Source: Object reference, "Account", "Contact", "Campaign", "User", "Organization", "Group",
"RecordType", "Opportunity".
"""

from .common_fields import (
    address_parts,
    audit_fields,
    compound_address,
    id_field,
    is_deleted,
    owner,
    reference,
)
from .custom_fields import web_contact_id
from .fields import FieldSpec, entries, field, read_only
from .lead_fields import INDUSTRIES, LEAD_SOURCES, full_name, person_name


def account_fields() -> list[FieldSpec]:
    """Account."""
    return [
        id_field("Account ID"),
        is_deleted(),
        field("Name", "string", "Account Name", nillable=False, name_field=True),
        field("Type", "picklist", "Account Type", picklist=entries("Prospect", "Customer")),
        *address_parts("Billing", "Billing"),
        compound_address("BillingAddress", "Billing Address"),
        field("Phone", "phone", "Account Phone"),
        field("Website", "url", "Website"),
        field("Industry", "picklist", "Industry", picklist=INDUSTRIES),
        field("AnnualRevenue", "currency", "Annual Revenue", precision=18),
        field("NumberOfEmployees", "int", "Employees", digits=8),
        field("Description", "textarea", "Account Description", length=32000),
        owner(),
        *audit_fields(),
        web_contact_id(),
    ]


def contact_fields() -> list[FieldSpec]:
    """Contact."""
    return [
        id_field("Contact ID"),
        is_deleted(),
        reference("AccountId", "Account ID", "Account", relationship="Account"),
        *person_name(),
        full_name(),
        *address_parts("Mailing", "Mailing"),
        compound_address("MailingAddress", "Mailing Address"),
        field("Phone", "phone", "Business Phone"),
        field("MobilePhone", "phone", "Mobile Phone"),
        field("Email", "email", "Email", id_lookup=True),
        field("Title", "string", "Title", length=128),
        field("LeadSource", "picklist", "Lead Source", picklist=LEAD_SOURCES),
        field("Birthdate", "date", "Birthdate"),
        field("Description", "textarea", "Contact Description", length=32000),
        owner(),
        *audit_fields(),
        web_contact_id(),
    ]


def campaign_fields() -> list[FieldSpec]:
    """Campaign."""
    return [
        id_field("Campaign ID"),
        is_deleted(),
        field("Name", "string", "Name", length=80, nillable=False, name_field=True),
        field("IsActive", "boolean", "Active"),
        field("StartDate", "date", "Start Date"),
        field("EndDate", "date", "End Date"),
        owner(),
        *audit_fields(),
    ]


def opportunity_fields() -> list[FieldSpec]:
    """Opportunity, which a converted lead may lead to."""
    stages = entries("Prospecting", "Closed Won", "Closed Lost")
    return [
        id_field("Opportunity ID"),
        is_deleted(),
        field("Name", "string", "Name", length=120, nillable=False, name_field=True),
        reference("AccountId", "Account ID", "Account", relationship="Account"),
        field("StageName", "picklist", "Stage", nillable=False, picklist=stages),
        field("CloseDate", "date", "Close Date", nillable=False),
        field("Amount", "currency", "Amount", precision=18, scale=2),
        owner(),
        *audit_fields(),
    ]


def user_fields() -> list[FieldSpec]:
    """User, read-only here."""
    return [
        read_only(spec)
        for spec in (
            id_field("User ID"),
            field("Username", "string", "Username", length=80, nillable=False),
            field("LastName", "string", "Last Name", length=80, nillable=False),
            field("FirstName", "string", "First Name", length=40),
            field("Name", "string", "Full Name", length=121, nillable=False, name_field=True),
            field("Email", "email", "Email", length=128, nillable=False),
            field("IsActive", "boolean", "Active"),
            field("UserType", "picklist", "User Type", picklist=entries("Standard")),
            *audit_fields(),
        )
    ]


def organization_fields() -> list[FieldSpec]:
    """Organization, read-only."""
    return [
        read_only(spec)
        for spec in (
            id_field("Organization ID"),
            field("Name", "string", "Name", length=80, nillable=False, name_field=True),
            field("OrganizationType", "picklist", "Edition", length=40),
            field("IsSandbox", "boolean", "Is Sandbox"),
            field("InstanceName", "string", "Instance Name", length=5),
            field("NamespacePrefix", "string", "Namespace Prefix", length=15),
            field("TrialExpirationDate", "datetime", "Trial Expiration Date"),
            field("LanguageLocaleKey", "picklist", "Language", length=40),
            field("TimeZoneSidKey", "picklist", "Time Zone", length=40),
            *audit_fields(),
        )
    ]


def named_fields(label: str, *more: FieldSpec) -> list[FieldSpec]:
    """A small read-only object that only needs an id and a name (Group, RecordType)."""
    name = field("Name", "string", "Name", length=80, nillable=False, name_field=True)
    return [read_only(spec) for spec in (id_field(label), name, *more, *audit_fields())]


def group_fields() -> list[FieldSpec]:
    """Group: the queues that may own leads."""
    return named_fields("Group ID", field("Type", "picklist", "Type", length=40))


def record_type_fields() -> list[FieldSpec]:
    """RecordType."""
    return named_fields(
        "Record Type ID",
        field("DeveloperName", "string", "Record Type Name", length=80),
        field("SobjectType", "picklist", "SObject Type Name", length=40),
        field("IsActive", "boolean", "Active"),
    )
