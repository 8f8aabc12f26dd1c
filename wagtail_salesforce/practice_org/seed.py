"""What a new practice org holds: the known app, its people and a little of everything else."""

from datetime import datetime
from typing import Any

from .ids import make
from .moments import format_moment
from .options import INTEGRATION_USERNAME, Options
from .record_types import RECORD_TYPES
from .tables import Tables


CLIENT_ID = "practice-consumer-key"
CLIENT_SECRET = "practice-consumer-secret"  # noqa: S105 (a made-up app of a made-up org)
USERNAME = "ana@practice.example"
PASSWORD = "practice"  # noqa: S105 (the same password for everybody here)
SCOPES = ("id", "api", "refresh_token")

ANA = make("005", 1)
INTEGRATION = make("005", 2)
LEFT = make("005", 3)
OTTO = make("005", 4)
QUEUE = make("00G", 1)
CAMPAIGN = make("701", 1)
# Ids of seeded records are low numbers; new records begin above them.
FIRST_NUMBER = 1000

_PEOPLE = (
    (ANA, USERNAME, "Ana", "Lead", True),
    (INTEGRATION, INTEGRATION_USERNAME, "Integration", "User", True),
    (LEFT, "left@practice.example", "Lena", "Left", False),
    (OTTO, "otto@practice.example", "Otto", "Owner", True),
)


def seed(tables: Tables, options: Options, moment: datetime) -> None:
    """Fill the tables of a new org."""
    stamp = format_moment(moment)
    for record_id, username, first, last, active in _PEOPLE:
        _put(tables, "User", record_id, stamp, **_person(username, first, last, active))
    _put(tables, "Group", QUEUE, stamp, Name="Web Leads", Type="Queue")
    for kind in RECORD_TYPES:
        names = {"Name": kind.name, "DeveloperName": kind.name, "SobjectType": "Lead"}
        _put(tables, "RecordType", kind.id, stamp, **names, IsActive=True)
    _put(tables, "Campaign", CAMPAIGN, stamp, Name="Spring Fair", IsActive=True, OwnerId=ANA)
    seed_organization(tables, options, moment)


def seed_organization(tables: Tables, options: Options, moment: datetime) -> None:
    """Write the Organization record as the options have it."""
    _put(
        tables,
        "Organization",
        options.org_id,
        format_moment(moment),
        Name=options.org_name,
        OrganizationType=options.organization_type,
        IsSandbox=options.sandbox,
        InstanceName=options.instance_name,
        LanguageLocaleKey="en_US",
        TimeZoneSidKey="Europe/London",
    )


def _person(username: str, first: str, last: str, active: bool) -> dict[str, Any]:
    return {
        "Username": username,
        "FirstName": first,
        "LastName": last,
        "Name": f"{first} {last}",
        "Email": username,
        "IsActive": active,
        "UserType": "Standard",
    }


def _put(tables: Tables, name: str, record_id: str, stamp: str, **values: Any) -> None:
    row = {
        "Id": record_id,
        "IsDeleted": False,
        **values,
        "CreatedDate": stamp,
        "CreatedById": ANA,
        "LastModifiedDate": stamp,
        "LastModifiedById": ANA,
        "SystemModstamp": stamp,
    }
    tables.put(name, row, tables.table(name).get(record_id))
