"""Which value of which record cannot be sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.translation import gettext

from wagtail_salesforce.exceptions import RequestRefused
from wagtail_salesforce.salesforce.collections import Record
from wagtail_salesforce.salesforce.payload import encode


def problem_in_name(name: object) -> str:
    """What is wrong with the name of a field; "" for nothing."""
    if isinstance(name, str):
        return ""
    kind = type(name).__name__
    return gettext("The name of a field is a text, not of the type %(kind)s.") % {"kind": kind}


def problem_of(name: object, value: object) -> str:
    """What is wrong with a field of a record for a REST call; "" for nothing."""
    if problem := problem_in_name(name):
        return problem
    try:
        encode(value)
    except RequestRefused as refused:
        return refused.message
    return ""


def culprit(
    records: Sequence[Record],
    start: int,
    refused: RequestRefused,
    look: Callable[[object, object], str] = problem_of,
) -> RequestRefused:
    """The refusal of a call with the number of the record and the field that are to blame.

    `start` is how many records went before these.
    """
    for number, record in enumerate(records, start + 1):
        for name, value in record.items():
            if problem := look(name, value):
                return named(problem, number, name, refused)
    return refused


def named(
    problem: str, number: int, name: object, refused: RequestRefused | None = None
) -> RequestRefused:
    """The refusal of one value."""
    fields = [name] if name and isinstance(name, str) else []
    words = gettext("Record %(number)s: %(problem)s")
    told = {"number": number, "problem": ": ".join([*fields, problem])}
    found = RequestRefused(words % told, code="UNENCODABLE_VALUE", fields=fields)
    found.results = refused.results if refused else ()
    return found
