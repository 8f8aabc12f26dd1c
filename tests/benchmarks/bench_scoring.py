"""Scoring on PostgreSQL: a full recalculation, and one more submission among many contacts.

    WS_TEST_DATABASE=postgres python -m tests.benchmarks.bench_scoring [--contacts 1000000]

Seeds so many contacts and ten times as many activities by set-based statements, with a score of
ten rules of all kinds. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import time
from typing import Any

from tests.benchmarks.harness import measure, report, site


FEW = 1_000
ACTIVITIES_EACH = 10
SAMPLE = 200
SUBMISSIONS = 200

RULES: list[dict[str, Any]] = [
    {"activity_type": "form_submission", "points": 3},
    {"activity_type": "purchase", "points": 1, "per": "value", "max_points": 5000},
    {
        "activity_type": "page_visit",
        "points": 1,
        "max_points": 20,
        "activity_tests": {"pages": [1, 2]},
    },
    {
        "activity_type": "form_submission",
        "points": 5,
        "validity_amount": 90,
        "validity_unit": "days",
    },
    {
        "activity_type": "page_visit",
        "points": 2,
        "max_points": 6,
        "validity_amount": 1,
        "validity_unit": "months",
    },
    {
        "activity_type": "form_submission",
        "points": 10,
        "recurring": False,
        "activity_tests": {"title": {"test": "contains", "value": "quote"}},
    },
    {
        "activity_type": "purchase",
        "points": -2,
        "activity_tests": {"value": {"test": "less", "value": "5"}},
    },
    {"field": "job_title", "test": "contains", "value": "Director", "points": 5},
    {"source": "attribute", "field": "licences", "test": "greater", "value": "3", "points": 5},
    {
        "condition": {
            "any": [
                {"field": "country", "test": "in_list", "value": ["GB", "FR"]},
                {"source": "attribute", "field": "vip", "test": "is_true"},
            ]
        },
        "points": 4,
    },
]


def main() -> None:
    os.environ.setdefault("WS_TEST_DATABASE", "postgres")
    options = argparse.ArgumentParser()
    options.add_argument("--contacts", type=int, default=1_000_000)
    given = options.parse_args()
    with site():
        report(bench(given.contacts))


def bench(contacts: int) -> dict[str, Any]:
    from django.db import connection

    from wagtail_salesforce.scoring.models import ScorePoints

    if connection.vendor != "postgresql":
        raise SystemExit("Set WS_TEST_DATABASE=postgres: the seeding is written for PostgreSQL.")
    _complete()
    score = make_score()
    seed(0, FEW)
    recalculated(score)
    few = submissions(FEW)
    seed(FEW, contacts)
    first = recalculated(score)
    rule = score.rules.order_by("pk")[0]
    rule.points = 4
    rule.save()
    again = recalculated(score)
    unchanged = recalculated(score)
    agreed = agreement(score)
    connection.cursor().execute("VACUUM ANALYZE")
    many = submissions(contacts)
    return {
        "contacts": contacts,
        "activities": contacts * ACTIVITIES_EACH,
        "rules": len(RULES),
        "rows_of_points": ScorePoints.objects.in_force(score).count(),
        "contacts_per_second": {
            "first": round(contacts / first["seconds"]),
            "everybody_changes": round(contacts / again["seconds"]),
            "nobody_changes": round(contacts / unchanged["seconds"]),
        },
        "memory_growth_mb": max(each["memory_mb"] for each in (first, again, unchanged)),
        "sample_that_agrees_with_the_python_rules": agreed,
        "submission": {
            "statements": {"few": few["statements"], "many": many["statements"]},
            "median_ms": {"few": few["median_ms"], "many": many["median_ms"]},
            "many_over_few": round(many["median_ms"] / few["median_ms"], 2),
        },
    }


def make_score() -> Any:
    from wagtail_salesforce.contacts.models import Attribute
    from wagtail_salesforce.scoring.models import Rule, Score

    for name, kind in (("licences", "integer"), ("vip", "boolean")):
        Attribute.objects.create(name=name, label=name, type=kind)
    score = Score.objects.create(name="Sales ready")
    for number, columns in enumerate(RULES):
        kind = "activity" if "activity_type" in columns else "attribute"
        kind = "condition" if "condition" in columns else kind
        source = {"source": "field"} if "field" in columns else {}
        Rule.objects.create(score=score, name=f"{number}", **{"kind": kind, **source, **columns})
    return score


def seed(first: int, last: int) -> None:
    """Contacts with these numbers; their activities stand in the order in which they happened, so
    that those of one contact lie far apart."""
    from django.db import connection

    with connection.cursor() as cursor:
        # Nothing refers to what is not there: the checks of foreign keys would cost most.
        cursor.execute("SET session_replication_role = replica")
        for statement in (CONTACTS, LINKS, ACTIVITIES):
            cursor.execute(statement, {"first": first, "last": last, "each": ACTIVITIES_EACH})
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")


CONTACTS = """
    INSERT INTO wagtail_salesforce_contact ({columns})
    SELECT {values} FROM generate_series(%(first)s + 1, %(last)s) AS n
"""
GIVEN = {
    "email": "'person' || n || '@example.org'",
    "email_key": "'person' || n || '@example.org'",
    "last_name": "'Person ' || n",
    "job_title": "(ARRAY['Director', 'Sales director', 'Clerk', ''])[1 + n %% 4]",
    "country": "(ARRAY['GB', 'FR', 'DE', 'US', ''])[1 + n %% 5]",
    "attributes": (
        "jsonb_build_object('licences', n %% 7)"
        " || CASE WHEN n %% 3 = 0 THEN jsonb_build_object('vip', n %% 2 = 0) ELSE '{}' END"
    ),
    "created_at": "now()",
    "modified_at": "now()",
}
LINKS = """
    INSERT INTO wagtail_salesforce_leadlink ({columns})
    SELECT {values} FROM wagtail_salesforce_contact c
    WHERE NOT EXISTS (SELECT 1 FROM wagtail_salesforce_leadlink l WHERE l.contact_id = c.id)
"""
ACTIVITIES = """
    INSERT INTO wagtail_salesforce_activity
        (contact_id, type, title, value, page_id, url, campaign, comment, occurred_at)
    SELECT c.id, (ARRAY['form_submission', 'page_visit', 'page_visit', 'purchase', 'other'])[1 + k %% 5],
        CASE WHEN k = 0 THEN 'Quote requested' ELSE 'Something else' END,
        CASE WHEN k %% 5 = 3 THEN (c.id * 7 + k) %% 50 END, 1 + (c.id + k) %% 5, '', '', '',
        now() - make_interval(days => (180 - 20 * k)::int, secs => c.id %% 1000)
    FROM generate_series(0, %(each)s - 1) AS k,
        (SELECT id FROM wagtail_salesforce_contact c WHERE NOT EXISTS (
            SELECT 1 FROM wagtail_salesforce_activity a WHERE a.contact_id = c.id)) AS c
    ORDER BY k
"""


def _complete() -> None:
    """Fill in the columns of the tables as they are."""
    from wagtail_salesforce.contacts.models import Contact
    from wagtail_salesforce.replication.models import LeadLink

    global CONTACTS, LINKS
    links = {
        "contact_id": "c.id",
        "external_id": "md5(c.id::text)",
        "state": "'replicated'",
        "version": "1",
        "synced_version": "1",
        "lead_id": "'00Q' || c.id",
    }
    CONTACTS = _with_columns(CONTACTS, Contact, GIVEN)
    LINKS = _with_columns(LINKS, LeadLink, links)


def _with_columns(statement: str, model: Any, given: dict[str, str]) -> str:
    columns = dict(given)
    for field in model._meta.concrete_fields:
        if not field.primary_key and field.column not in columns and not field.null:
            columns[field.column] = _nothing(field)
    return statement.replace("{columns}", ", ".join(columns)).replace(
        "{values}", ", ".join(columns.values())
    )


def _nothing(field: Any) -> str:
    kind = field.get_internal_type()
    if kind in ("CharField", "TextField", "EmailField", "URLField"):
        return "''"
    if kind == "BooleanField":
        return "false"
    return "now()" if kind == "DateTimeField" else "0"


def recalculated(score: Any) -> dict[str, Any]:
    """What a full recalculation as a job takes, from its request to its end."""
    from wagtail_salesforce.jobs.run import run_job
    from wagtail_salesforce.scoring.recalculate import request_recalculation

    before = _memory_mb()
    job = request_recalculation(score)
    cost = measure(lambda: run_job(job.pk, seconds=10_000))
    job.refresh_from_db()
    assert job.state == "finished", job.reason
    return {"seconds": cost.wall, "memory_mb": round(_memory_mb() - before, 1)}


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def agreement(score: Any) -> str:
    """How many contacts of a sample hold what the pure rules give them."""
    from wagtail_salesforce.contacts.models import Contact
    from wagtail_salesforce.scoring.models import ScorePoints
    from wagtail_salesforce.scoring.reasons import explain

    ids = list(Contact.objects.values_list("pk", flat=True))
    sample = Contact.objects.filter(pk__in=random.Random(1).sample(ids, min(SAMPLE, len(ids))))
    rows = ScorePoints.objects.in_force(score).filter(contact__in=list(sample))
    held = dict(rows.values_list("contact_id", "points"))
    agreed = [
        contact
        for contact in sample
        if sum(reason.points for reason in explain(contact, score)) == held.get(contact.pk, 0)
    ]
    return f"{len(agreed)} of {len(sample)}"


def submissions(contacts: int) -> dict[str, Any]:
    """Statements and median time of one more submission of a contact chosen by chance."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from wagtail_salesforce.contacts.capture import capture

    chance = random.Random(2)

    def submit() -> None:
        capture(email=f"person{chance.randint(1, contacts)}@example.org", title="One more quote")

    for _warming in range(50):
        submit()
    with CaptureQueriesContext(connection) as queries:
        submit()
    times = []
    for _each in range(SUBMISSIONS):
        began = time.perf_counter()
        submit()
        times.append((time.perf_counter() - began) * 1000)
    return {"statements": len(queries), "median_ms": round(statistics.median(times), 2)}


if __name__ == "__main__":
    main()
