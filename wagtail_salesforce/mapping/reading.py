"""How a raw value is had from a contact: what has to be read, and the function over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wagtail_salesforce.contacts.fields import FieldType


AttributeTypes = Mapping[str, FieldType]

ATTRIBUTE_PREFIX = "attributes."
# What the company rule found beyond the contact's own company name; not a column.
FOUND_COMPANY = "@company"


@dataclass(frozen=True)
class Reading:
    """How a raw value is had.

    `function` takes the values that `needs` names, in that order: a contact field, an attribute
    as "attributes.<name>", or FOUND_COMPANY. Fields come as the database has them; attributes in
    their Python form, None when the contact has none.
    """

    needs: tuple[str, ...]
    function: Callable[..., Any]


def as_it_is(value: Any) -> Any:
    """The function of a reading that changes nothing."""
    return value
