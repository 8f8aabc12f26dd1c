"""Every test of every type finds the same contacts in PostgreSQL as in Python."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from tests.scoring.builders import attribute, make_score, rule_row
from tests.scoring.by_sql import NOW, TYPES, needs_postgres, same
from wagtail_salesforce.contacts.fields import FIELDS, FieldType
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.models import Rule
from wagtail_salesforce.scoring.tests import TESTS, Takes


VALUES = {
    "size": [3, 0, -7, 10**17, "12", 2.0, 2.5, True, "", None, "many", 10**18],
    "share": [
        "12.50",
        "0.3",
        "-1",
        3,
        2.5,
        "1e3",
        "+4",
        " 5",
        "",
        None,
        "x",
        "1.000000000000000000",
    ],
    "ratio": [0.1, 3, -2.25, "0.1", 1e300, None, True],
    "vip": [True, False, "true", None, "", 1],
    "since": [
        "2026-02-28",
        "2024-02-29",
        "2026-02-29",
        "2026-04-31",
        "2026-12-31",
        "0000-01-01",
        5,
    ],
    "seen": [
        "2026-02-28T09:30:00+00:00",
        "2026-02-28T09:30:00.123456+00:00",
        "2026-02-28T10:30:00+01:00",
        "2026-02-28 09:30",
        "2026-02-30T09:30:00+00:00",
        None,
    ],
    "motto": ["Carpe diem", " carpe DIEM\t", "Stra\u00dfe", "", None, 7, "\u0130x", "100% _a\\"],
    "grade": ["Gold", "gold", "Silver", None, ""],
}
OPERANDS = {
    "size": ["3", "0", "12"],
    "share": ["12.5", "0.3", "3"],
    "ratio": ["0.1", "3", "1e2"],
    "since": ["2026-02-28", "2024-02-29"],
    "seen": ["2026-02-28T09:30:00+00:00", "2026-02-28T09:30:00.123456+00:00"],
    "motto": ["carpe diem", "DIEM", "strasse", "% _A\\", "\u0130"],
    "grade": ["GOLD", "Silver"],
    "job_title": ["Director", "s", "Gesch\u00e4ft"],
    "birthday": ["1990-01-01"],
    "created_at": ["2026-01-01T00:00:00+00:00"],
}


def every_comparison():
    """Every test of every type, with operands that matter."""
    for name, operands in [*OPERANDS.items(), ("vip", [""])]:
        kind = FieldType(TYPES[name]) if name in TYPES else FIELDS[name].type
        source = "attribute" if name in TYPES else "field"
        for test in TESTS[kind].values():
            yield from _with_operands({"source": source, "field": name}, test, operands)


def _with_operands(comparison, test, operands):
    if test.takes is Takes.NONE:
        yield {**comparison, "test": test.name, "value": ""}
    elif test.takes is Takes.ONE:
        for operand in operands:
            yield {**comparison, "test": test.name, "value": operand}
    elif test.takes is Takes.MANY:
        yield {**comparison, "test": test.name, "value": "\n".join(operands)}
    else:
        yield {**comparison, "test": test.name, "value": "\n".join([operands[0]] * 2)}


@needs_postgres
@pytest.mark.django_db
def test_every_test_of_every_type_agrees():
    for name, kind in TYPES.items():
        attribute(name, kind)
    chance = random.Random(3)
    titles = ["Director", "DIRECTORS ", "Gesch\u00e4ftsf\u00fchrer", "", "\x1fs\x0b"]
    Contact.objects.bulk_create(
        Contact(
            job_title=chance.choice(titles),
            birthday=chance.choice([None, "1990-01-01", "1989-12-31"]),
            created_at=NOW - timedelta(days=chance.randrange(200)),
            attributes={
                name: chance.choice(values)
                for name, values in VALUES.items()
                if chance.random() < 0.7
            },
        )
        for _contact in range(300)
    )
    comparisons = list(every_comparison())
    assert len(comparisons) > 100
    score = make_score()
    Rule.objects.bulk_create(
        rule_row(**each, kind="attribute", points=n + 1, name=f"{n}", score=score)
        for n, each in enumerate(comparisons)
    )
    assert len(same(score)) == 300
