"""Warnings that come of what an organization has switched on, and of rows that belong together.

State and country picklists, person accounts and several currencies change what a row does, though
each row by itself is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.mapping.problem import MappingProblem, warning
from wagtail_salesforce.salesforce.describe import FieldDescribe, ObjectDescribe


# Salesforce help, "Integration Values for State and Country/Territory Picklists": beside each
# address field with a name there is one with a code.
CODES = {"State": "StateCode", "Country": "CountryCode"}
COUNTRIES = ("CountryCode", "Country")
CURRENCY = "CurrencyIsoCode"
# Sources that never leave the company empty.
ALWAYS_A_COMPANY = {"source": "custom", "name": "company_name"}


def org_cautions(fields: Mapping[str, Any], describe: ObjectDescribe) -> Iterator[MappingProblem]:
    """What the rows do together in this organization; `fields` may hold malformed entries."""
    mapped = [describe.fields[name] for name in fields if name in describe.fields]
    if "CountryCode" in describe.fields:
        yield from _names_and_codes(mapped)
        yield from _state_without_country(mapped)
    if CURRENCY in describe.fields and CURRENCY not in fields:
        yield from _amounts(mapped, describe.fields[CURRENCY])
    if fields.get("Company") == ALWAYS_A_COMPANY:
        yield from _person_accounts(describe.fields.get("Company"))


def _names_and_codes(mapped: list[FieldDescribe]) -> Iterator[MappingProblem]:
    by_name = {field.name: field for field in mapped}
    for name, code in CODES.items():
        if name in by_name and code in by_name:
            message = _(
                "%(code)s is mapped, too, and Salesforce refuses a lead whose code and name "
                "disagree. Set one of the two to “Not mapped”; the code is safer."
            ) % {"code": by_name[code].label}
            yield warning(name, "name_and_code", message)


def _state_without_country(mapped: list[FieldDescribe]) -> Iterator[MappingProblem]:
    """A state is looked up among those of its country, so it needs one."""
    names = {field.name for field in mapped}
    if not names.isdisjoint(COUNTRIES):
        return
    for field in mapped:
        if field.name in ("State", "StateCode"):
            message = _(
                "This organization looks a state up in its country, and refuses a state without "
                "one. Map the country as well."
            )
            yield warning(field.name, "state_without_country", message)


def _amounts(mapped: list[FieldDescribe], currency: FieldDescribe) -> Iterator[MappingProblem]:
    for field in mapped:
        if field.type == "currency":
            message = _(
                "The organization has several currencies, and %(currency)s is not mapped: amounts "
                "are taken in the integration user's currency."
            ) % {"currency": currency.label}
            yield warning(field.name, "currency_unmapped", message)


def _person_accounts(company: FieldDescribe | None) -> Iterator[MappingProblem]:
    """Object reference, "Lead": without a company a lead becomes a person account."""
    if company is None or not company.nillable:
        return
    message = _(
        "The company is optional in this organization, as it is with person accounts, but this "
        "source falls back to the default company name: no lead will become a person account. To "
        "leave the company of private persons empty, choose the contact field Company name."
    )
    yield warning("Company", "company_always_set", message)
