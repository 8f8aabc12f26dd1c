"""Custom sources: the package's own, and the door for a site's own.

A site adds a source in its app's `ready()`:

    from wagtail_salesforce.mapping.sources import register_source


    @register_source("full_name", label="Full name", needs=["first_name", "last_name"])
    def full_name(first_name, last_name):
        return f"{first_name} {last_name}"

From then on `{"source": "custom", "name": "full_name"}` may fill any Lead field that takes text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.background import name_of
from wagtail_salesforce.contacts.countries import country_name, state_name
from wagtail_salesforce.contacts.fields import FIELDS, FieldType
from wagtail_salesforce.mapping.context import MappingContext
from wagtail_salesforce.mapping.description import compile_description
from wagtail_salesforce.mapping.reading import (
    ATTRIBUTE_PREFIX,
    FOUND_COMPANY,
    AttributeTypes,
    Reading,
)
from wagtail_salesforce.registering import check_function, check_texts, listed, one_of


_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")

#: What is registered keeps its own signature.
Registered = TypeVar("Registered", bound=Callable[..., Any])
Binder = Callable[[MappingContext, AttributeTypes], Reading]


@dataclass(frozen=True)
class CustomSource:
    """A registered source. `bind` gives its reading under the settings in force.

    `max_length` is None where it is not known; `identity` names its code.
    """

    name: str
    label: str | Promise
    type: FieldType
    bind: Binder
    max_length: int | None = None
    may_be_empty: bool = True
    identity: str = "wagtail_salesforce"


_registry: dict[str, CustomSource] = {}


def custom_sources() -> dict[str, CustomSource]:
    """All custom sources by name, the package's own first."""
    return dict(_registry)


def register_source(
    name: str,
    *,
    label: str | Promise,
    needs: Sequence[str],
    type: FieldType | str = FieldType.TEXT,
    max_length: int | None = None,
    may_be_empty: bool = True,
) -> Callable[[Registered], Registered]:
    """Register a function as a custom source; a decorator.

    The function is called for every contact that is sent, with the values that `needs` names (see
    `Reading`) as positional arguments, and answers a value of `type`, None or "" for "empty". It
    must be quick, query no database, and depend on its arguments alone: a lead is only worked out
    again when its contact changes. After a release that changes what the function answers, run
    `salesforce_replicate --reconcile`. An exception suspends the contact.

    Raises ValueError when the name is taken or malformed, or a need or the type is unknown;
    TypeError when something else than a function or a list is given.
    """
    check_texts([name], '@register_source("full_name", label="Full name", needs=["first_name"])')
    wanted = listed(needs, 'needs=["first_name"]')
    _check_needs(name, wanted)
    kind = one_of(FieldType, type, "type")

    def register(function: Registered) -> Registered:
        check_function(function, f"The source {name!r}")
        reading = Reading(wanted, function)
        identity = name_of(function)
        source = CustomSource(
            name, label, kind, lambda *_: reading, max_length, may_be_empty, identity
        )
        _add(source)
        return function

    return register


def unregister_source(name: str) -> None:
    """Take a source away again, as tests do. Raises KeyError."""
    del _registry[name]


def _add(source: CustomSource) -> None:
    if _NAME.fullmatch(source.name) is None:
        raise ValueError(
            f"The source name {source.name!r} must be lower-case letters, digits and underscores, "
            "beginning with a letter."
        )
    if known := _registry.get(source.name):
        raise ValueError(
            f"There is already a source named {source.name!r}, of {known.identity}. Choose another"
            f" name for that of {source.identity}."
        )
    _registry[source.name] = source


def _check_needs(name: str, needs: Sequence[str]) -> None:
    check_texts(needs, 'needs=["first_name"]')
    for need in needs:
        attribute = need.removeprefix(ATTRIBUTE_PREFIX)
        if need not in FIELDS and (attribute == need or _NAME.fullmatch(attribute) is None):
            raise ValueError(
                f"The source {name!r} needs {need!r}, which is no contact field; attributes are "
                'named "attributes.<name>".'
            )


def _bind_company(context: MappingContext, attribute_types: AttributeTypes) -> Reading:
    default = context.default_company_name.strip()

    def company(own: str | None, found: str | None) -> str:
        return (own or "").strip() or (found or "").strip() or default

    return Reading(("company_name", FOUND_COMPANY), company)


def _bind_description(context: MappingContext, attribute_types: AttributeTypes) -> Reading:
    return compile_description(context.lead_description, attribute_types, context.time_zone)


_add(
    CustomSource(
        "company_name",
        _("Company name, or the default"),
        FieldType.TEXT,
        _bind_company,
        max_length=FIELDS["company_name"].max_length,
        may_be_empty=False,
    )
)
_add(CustomSource("lead_description", _("Lead description"), FieldType.TEXT, _bind_description))


@register_source("country_name", label=_("Country name"), needs=["country"])
def _country_name(country: str) -> str:
    """The name of the country whose code the contact has, or the words it has."""
    return _country(country) if country else ""


@register_source("state_name", label=_("State name"), needs=["state", "country"])
def _state_name(state: str, country: str) -> str:
    """The name of the state whose code the contact has, or the words it has."""
    return _state(state, country) if state else ""


# A site's contacts live in few countries; looking each name up anew would cost more than the rest.
_country = lru_cache(maxsize=4096)(country_name)
_state = lru_cache(maxsize=4096)(state_name)
