"""Records, and what the practice org was asked, for tests of writing by Bulk API 2.0."""

from __future__ import annotations


KEY = "Web_Contact_ID__c"
JOB = "jobs/ingest"


def people(count, **more):
    return [{"LastName": f"Lead {number}", "Company": "Acme", **more} for number in range(count)]


def leads(count, **more):
    return [{KEY: f"{n:032x}", **person} for n, person in enumerate(people(count, **more))]


def steps(org):
    """What was asked of the jobs."""
    calls = org.calls(counted=True)
    return [f"{call['method']} {call['path'].rpartition('/')[2]}"[:15] for call in calls]


def job_of(org):
    return next(
        call["path"].split("/")[-2] for call in org.calls() if call["path"].endswith("/batches")
    )
