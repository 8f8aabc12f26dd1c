"""The price of mapping: the compiled function against a bare dictionary of the same values.

    python -m tests.benchmarks.bench_mapping [--contacts 20000] [--rounds 9]

Prints one JSON document: microseconds of CPU per contact, and ratios to the bare construction measured
in the same round.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from statistics import median
from time import process_time
from typing import Any

from tests.benchmarks.harness import report


PLAIN = {
    "LastName": "last_name",
    "FirstName": "first_name",
    "Title": "job_title",
    "Email": "email",
    "Phone": "business_phone",
    "MobilePhone": "mobile_phone",
    "Fax": "gender",
    "Street": "street",
    "City": "city",
    "State": "state",
    "PostalCode": "postal_code",
    "Country": "country",
    "Company": "company_name",
    "Product_Interest__c": "campaign",
    "Description": "notes",
}
CONTACT = {
    "last_name": "Müller",
    "first_name": "Ana",
    "job_title": "Head of Purchasing",
    "email": "ana.mueller@example.org",
    "business_phone": "+49 731 1234567",
    "mobile_phone": "+49 170 1234567",
    "gender": "f",
    "street": "Frauenstraße 1",
    "city": "Ulm",
    "state": "BW",
    "postal_code": "89073",
    "country": "DE",
    "company_name": "Müller & Söhne GmbH",
    "campaign": "spring-fair",
    "notes": "Asked for a quote.",
    "attributes": {"licences": 3000, "budget": "12000.50"},
}


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--contacts", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=9)
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    report(bench(given.contacts, given.rounds))


def bench(contacts: int, rounds: int) -> dict[str, Any]:
    """Every kind of mapping beside the bare construction for its own columns."""
    cases = {"plain_text": plain_mapping(), "suggested": suggested_mapping()}
    found = {name: compare(mapping, contacts, rounds) for name, mapping in cases.items()}
    return {"contacts": contacts, "rounds": rounds, **found}


def plain_mapping() -> Any:
    """Fifteen contact fields, all of plain text."""
    return compile_fields({k: {"source": "field", "name": v} for k, v in PLAIN.items()})


def suggested_mapping() -> Any:
    """What a new installation begins with, and two attributes."""
    from tests.mapping.making import ATTRIBUTES, lead
    from wagtail_salesforce.mapping.suggest import suggest

    return compile_fields(suggest(lead(), {k: ATTRIBUTES[k] for k in ("licences", "budget")}))


def compile_fields(fields: dict[str, Any]) -> Any:
    from tests.mapping.making import ATTRIBUTES, CONTEXT, Draft, lead
    from wagtail_salesforce.mapping.compile import compile_mapping

    return compile_mapping(Draft(fields), lead(), CONTEXT, ATTRIBUTES)


def compare(mapping: Any, contacts: int, rounds: int) -> dict[str, Any]:
    rows = [tuple({**CONTACT, "id": n}[name] for name in mapping.columns) for n in range(contacts)]
    bare, mapped, ratios = [], [], []
    build = bare_builder(len(mapping.columns))
    for _ in range(rounds):
        bare.append(each_microseconds(lambda: [build(row) for row in rows], contacts))
        mapped.append(each_microseconds(lambda: [mapping.map(row, None) for row in rows], contacts))
        ratios.append(mapped[-1] / bare[-1])
    return {
        "fields": len(mapping.map(rows[0], None)[0]),
        "microseconds_per_contact": round(median(mapped), 2),
        "bare_dictionary_microseconds": round(median(bare), 2),
        "ratio_to_bare_dictionary": round(median(ratios), 1),
    }


def bare_builder(width: int) -> Callable[[tuple[Any, ...]], dict[str, Any]]:
    """A dictionary of every column but the id, and nothing done to the values."""
    names = [f"c{place}" for place in range(1, width)]
    pairs = ", ".join(f'"{name}": {name}' for name in names)
    source = f"def build(row):\n    (_, {', '.join(names)}) = row\n    return {{{pairs}}}\n"
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    build: Callable[[tuple[Any, ...]], dict[str, Any]] = namespace["build"]
    return build


def each_microseconds(work: Callable[[], Any], count: int) -> float:
    begun = process_time()
    work()
    return (process_time() - begun) / count * 1_000_000


if __name__ == "__main__":
    main()
