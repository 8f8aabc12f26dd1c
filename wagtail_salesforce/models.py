"""Django's door to the models; each room keeps its own."""

from wagtail_salesforce.connection.models import Connection, DescribeSnapshot
from wagtail_salesforce.contacts.models import (
    Activity,
    ActivityType,
    Attribute,
    Company,
    CompanyMembership,
    Contact,
    ContactImport,
    ContactStatus,
    FormConnection,
    ImportedAddress,
    ImportPiece,
    ImportRefusal,
    InactiveContactRule,
    LedgerEntry,
    VisitBuffer,
    Visitor,
)
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.models import (
    Incident,
    LeadLink,
    Lease,
    ReplicationSettings,
    Run,
)
from wagtail_salesforce.scoring.models import Crossing, Rule, Score, ScorePoints


__all__ = [
    "Activity",
    "ActivityType",
    "Attribute",
    "BulkJob",
    "Company",
    "CompanyMembership",
    "Connection",
    "Contact",
    "ContactImport",
    "ContactStatus",
    "Crossing",
    "DescribeSnapshot",
    "FormConnection",
    "InactiveContactRule",
    "Incident",
    "ImportPiece",
    "ImportRefusal",
    "ImportedAddress",
    "Job",
    "LeadLink",
    "Lease",
    "LedgerEntry",
    "Mapping",
    "ReplicationSettings",
    "Rule",
    "Run",
    "Score",
    "ScorePoints",
    "VisitBuffer",
    "Visitor",
]
