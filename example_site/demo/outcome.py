"""What came of the visits, held against what was to come of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection as database

from example_site.demo.people import PEOPLE, Person
from example_site.demo.processes import DemoFailed
from wagtail_salesforce.exceptions import REASONS
from wagtail_salesforce.replication.models import LeadLink, Run
from wagtail_salesforce.replication.status import due_counts
from wagtail_salesforce.scoring.models import ScorePoints


SCORE = "Sales ready"
LICENCES = "Licences bought"
BIG_CUSTOMER = 3000
NO_COMPANY = "[no company given]"


def replicated() -> bool:
    """Whether the replicator has seen to everything. A run that stopped ends the waiting."""
    run = Run.objects.first()
    if run and run.state == Run.State.STOPPED:
        reason = REASONS[run.reason]
        raise DemoFailed(f"Replication stopped: {reason.text} {reason.cure}")
    finished = run is not None and run.state == Run.State.FINISHED
    done = finished and due_counts()["due"] == 0
    database.close()
    return done


def points(score: str) -> dict[str, int]:
    """The points of every contact in a score, by e-mail address."""
    rows = ScorePoints.objects.in_force().filter(score__name=score)
    return dict(rows.values_list("contact__email", "points"))


def problems(leads: Iterable[dict[str, Any]], *, strangers_allowed: bool = False) -> list[str]:
    """Everything that is not as it should be; empty when all is well."""
    by_email = {lead["Email"]: lead for lead in leads}
    expected = {person.email: person for person in PEOPLE if person.becomes_lead}
    missing = [email for email in expected if email not in by_email]
    found = [f"{email} should be a lead.{_why_not(email)}" for email in missing]
    if not strangers_allowed:
        found += [f"{email} should not be a lead." for email in by_email if email not in expected]
    for email, person in expected.items():
        if email in by_email:
            found += _differences(person, by_email[email])
    return found + _wrong_customers()


def _why_not(email: str) -> str:
    """What the lead link says, where there is one."""
    link = LeadLink.objects.filter(contact__email=email).first()
    if link is None or not link.last_error_code:
        return ""
    return f" It is {link.state}: {link.last_error_code} {link.last_error_message}"


def _differences(person: Person, lead: dict[str, Any]) -> list[str]:
    """Every field must arrive as it was typed, to the last character."""
    wanted = {
        "FirstName": person.first_name or None,
        "LastName": person.last_name,
        "Company": person.company or NO_COMPANY,
        "Title": person.job_title or None,
        "Country": person.country or None,
        "Description": person.words or None,
    }
    return [
        f"{person.email}: {field} is {lead.get(field)!r} instead of {value!r}."
        for field, value in wanted.items()
        if lead.get(field) != value
    ]


def big_customers() -> set[str]:
    """Who has 3,000 points for licences: by one order, or by three of 1,000."""
    return {email for email, sum in points(LICENCES).items() if sum >= BIG_CUSTOMER}


def _wrong_customers() -> list[str]:
    wanted = {person.email for person in PEOPLE if person.licences >= BIG_CUSTOMER}
    return [
        f"{email}: the score “{LICENCES}” is wrong about 3,000 licences."
        for email in sorted(big_customers() ^ wanted)
    ]
