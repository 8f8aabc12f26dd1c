"""The company rule for contacts that name no company themselves.

The company whose primary contact it is, then whose secondary contact, then the first one it
belongs to; a company without a name falls through. (The contact's own company name comes before,
the default company name after; both are the business of the source `company_name`.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.db.models import Q

from wagtail_salesforce.contacts.models import Company, CompanyMembership


# Longer lists of ids turn index look-ups into scans.
CHUNK = 1000


def company_names(contact_ids: Iterable[int]) -> dict[int, str]:
    """The company name of each contact that has one, by contact id.

    At most two statements for each 1,000 ids.
    """
    names: dict[int, str] = {}
    for ids in _chunks(sorted(set(contact_ids))):
        names |= _by_membership(ids) | _by_role(ids)
    return names


def _chunks(ids: Sequence[int]) -> Iterator[list[int]]:
    remaining = iter(ids)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


def _by_role(ids: Sequence[int]) -> dict[int, str]:
    wanted = set(ids)
    led = Company.objects.filter(Q(primary_contact__in=ids) | Q(secondary_contact__in=ids))
    rows = led.order_by("id").values_list("primary_contact_id", "secondary_contact_id", "name")
    primary: dict[int, str] = {}
    secondary: dict[int, str] = {}
    for first, second, name in rows:
        for contact_id, names in ((first, primary), (second, secondary)):
            if contact_id in wanted and name.strip():
                names.setdefault(contact_id, name)
    return secondary | primary


def _by_membership(ids: Sequence[int]) -> dict[int, str]:
    rows = CompanyMembership.objects.filter(contact__in=ids).exclude(company__name="")
    names: dict[int, str] = {}
    for contact_id, name in rows.order_by("id").values_list("contact_id", "company__name"):
        if name.strip():
            names.setdefault(contact_id, name)
    return names
