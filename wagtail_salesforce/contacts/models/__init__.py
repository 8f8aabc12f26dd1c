"""People the site knows, what they did, and how forms fill them in.

Contacts are personal data: none of these models is a snippet, none has an open chooser.
"""

from wagtail_salesforce.contacts.models.activities import Activity, ActivityType
from wagtail_salesforce.contacts.models.companies import Company, CompanyMembership
from wagtail_salesforce.contacts.models.forms import FormConnection, LedgerEntry
from wagtail_salesforce.contacts.models.imports import (
    ContactImport,
    ImportedAddress,
    ImportPiece,
    ImportRefusal,
)
from wagtail_salesforce.contacts.models.inactive import InactiveContactRule
from wagtail_salesforce.contacts.models.names import name_validator
from wagtail_salesforce.contacts.models.people import Attribute, Contact, ContactStatus
from wagtail_salesforce.contacts.models.visitors import Visitor
from wagtail_salesforce.contacts.models.visits import VisitBuffer


__all__ = [
    "Activity",
    "ActivityType",
    "Attribute",
    "Company",
    "CompanyMembership",
    "Contact",
    "ContactImport",
    "ContactStatus",
    "FormConnection",
    "InactiveContactRule",
    "ImportPiece",
    "ImportRefusal",
    "ImportedAddress",
    "LedgerEntry",
    "VisitBuffer",
    "Visitor",
    "name_validator",
]
