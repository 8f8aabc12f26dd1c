"""Fills a PostgreSQL database with many contacts and what belongs to them, set by set.

    seed_contacts(1_000_000)
    seed_activities(10)
    seed_lead_links()
    seed_points(score)
    settle()

Every value follows from the contact's number (1, 2, 3, …), so two runs fill alike. Columns that
are not named here get their model's default. Call it on an empty database.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection, models

from wagtail_salesforce.contacts.models import Activity, Contact, ContactStatus
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.scoring.models import Score, ScorePoints


# So many rows travel in one statement, to keep its memory and its log small.
CHUNK = 200_000
STATUSES = ("Customer", "Former customer", "Prospect")
# In the order of the contacts, as `new_external_id` mints them.
MINTED = "'0193576c' || lpad(to_hex(n), 8, '0') || substr(md5(n::text), 17)"
FIRST_NAMES = ("Ada", "Alan", "Barbara", "Charles", "Grace", "Joan", "John", "Mary")


def seed_contacts(count: int) -> None:
    """This many contacts: one in ten a customer, 20 of a company, a last name each 1,000."""
    for status in STATUSES:
        ContactStatus.objects.get_or_create(name=status)
    names = ", ".join(f"'{name}'" for name in FIRST_NAMES)
    for first, last in chunks(count):
        insert(
            Contact,
            f"generate_series({first}, {last}) AS n",
            id="n",
            email="'Person' || n || '@Example' || n % 1000 || '.org'",
            email_key="'person' || n || '@example' || n % 1000 || '.org'",
            first_name=f"(ARRAY[{names}])[1 + n % {len(FIRST_NAMES)}]",
            last_name="'Name' || n % 1000",
            company_name="'Company ' || n / 20",
            city="'York'",
            country="'GB'",
            status="CASE n % 10 WHEN 0 THEN 'Customer' WHEN 1 THEN 'Former customer' "
            "WHEN 2 THEN 'Prospect' ELSE '' END",
            attributes="jsonb_build_object('licences', n % 5000)",
            created_at="now() - interval '400 days' + n * interval '1 second'",
            modified_at="now()",
            last_activity_at="now() - n % 365 * interval '1 day'",
        )
    restart(Contact)


def seed_activities(each: int) -> None:
    """So many activities for every contact: page visits, form submissions and purchases."""
    for first, last in chunks(_last(Contact), CHUNK // max(each, 1)):
        insert(
            Activity,
            f"generate_series({first}, {last}) AS n, generate_series(1, {each}) AS k",
            contact="n",
            type="CASE k % 3 WHEN 0 THEN 'purchase' WHEN 1 THEN 'form_submission' "
            "ELSE 'page_visit' END",
            title="'Something ' || k",
            value="CASE k % 3 WHEN 0 THEN n % 50 END",
            page_id="k",
            occurred_at="now() - (n % 365 + k) * interval '1 day'",
        )


def seed_lead_links() -> None:
    """A lead link for every contact: six in ten replicated, one in a hundred suspended."""
    for first, last in chunks(_last(Contact)):
        insert(
            LeadLink,
            f"generate_series({first}, {last}) AS n",
            contact="n",
            external_id=MINTED,
            state="CASE WHEN n % 100 = 99 THEN 'suspended' WHEN n % 10 < 6 THEN 'replicated' "
            "ELSE 'new' END",
            lead_id="CASE WHEN n % 10 < 6 THEN '00Q' || lpad(n::text, 15, '0') ELSE '' END",
            due_at="NULL",
        )


def seed_plain_contacts(count: int) -> None:
    """This many contacts with seven plain fields, as they come from a form."""
    for first, last in chunks(count):
        insert(
            Contact,
            f"generate_series({first}, {last}) AS n",
            id="n",
            email="'person' || n || '@example.org'",
            email_key="'person' || n || '@example.org'",
            first_name="'Ada'",
            last_name="'Person ' || n",
            company_name="'Example'",
            job_title="'Director'",
            business_phone="'+44 20 1234'",
            city="'Leeds'",
            created_at="now()",
            modified_at="now()",
        )
    restart(Contact)


def seed_due_links(count: int) -> None:
    """A link for each of the first contacts, none of which has a lead; all are due."""
    for first, last in chunks(count):
        insert(
            LeadLink,
            f"generate_series({first}, {last}) AS n",
            contact="n",
            external_id=MINTED,
            due_at="now()",
        )


def seed_points(score: Score) -> None:
    """Points from 0 to 4,999 for every contact, evenly spread, without an end."""
    for first, last in chunks(_last(Contact)):
        insert(
            ScorePoints,
            f"generate_series({first}, {last}) AS n",
            score=str(int(score.pk)),
            contact="n",
            generation=str(int(score.generation)),
            points="n::bigint * 7919 % 5000",
        )


def settle() -> None:
    """What the database does by itself after a while: statistics and visibility."""
    with connection.cursor() as cursor:
        for model in (Contact, Activity, LeadLink, ScorePoints):
            cursor.execute(f"VACUUM ANALYZE {_table(model)}")


def chunks(count: int, size: int = CHUNK) -> Iterator[tuple[int, int]]:
    """The numbers 1 to count in pieces, as (first, last)."""
    for first in range(1, count + 1, size):
        yield first, min(first + size - 1, count)


def insert(model: type[models.Model], source: str, **expressions: str) -> None:
    """INSERT … SELECT of SQL expressions over a source; other columns get their default.

    Foreign keys are not checked: the numbers are known to be right.
    """
    given: dict[str, str] = {}
    values: list[Any] = []
    for field in model._meta.concrete_fields:
        if field.name in expressions:
            given[field.column] = expressions[field.name]
        elif not field.primary_key and not field.null:
            given[field.column] = "%s"
            values.append(field.get_db_prep_save(field.get_default(), connection))
    columns = ", ".join(map(connection.ops.quote_name, given))
    chosen = ", ".join(given.values() if not values else _escaped(given.values()))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
        sql = f"INSERT INTO {_table(model)} ({columns}) SELECT {chosen} FROM {source}"
        cursor.execute(sql, values or None)
        cursor.execute("SET session_replication_role = DEFAULT")


def _escaped(expressions: Any) -> list[str]:
    return [each if each == "%s" else each.replace("%", "%%") for each in expressions]


def restart(model: type[models.Model]) -> None:
    """Let the next row of a table get the number after the last one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
            [model._meta.db_table, _last(model)],
        )


def _last(model: Any) -> int:
    return int(model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
