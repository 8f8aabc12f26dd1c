"""Converters of a site's own: what is done to the values of one Lead field before they are sent.

    from wagtail_salesforce.mapping.converters import register_converter


    @register_converter("Newsletter__c", takes=["boolean"])
    def in_words(value):
        return "Subscribed" if value else "Not subscribed"

What the function answers goes through the package's own conversion for the field: it is shortened,
looked up in the picklist or refused as any other value. Constants and picklist entries of a mapping
are sent as an editor chose them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from wagtail_salesforce.background import name_of
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.mapping import refusals
from wagtail_salesforce.mapping.outcomes import Converted
from wagtail_salesforce.registering import check_function, check_texts, listed, one_of
from wagtail_salesforce.salesforce.collections import api_name
from wagtail_salesforce.salesforce.describe import FieldDescribe


ConverterFunction = Callable[[Any], Any]
#: What is registered keeps its own signature.
Registered = TypeVar("Registered", bound=ConverterFunction)
Converter = Callable[[Any], Converted]


@dataclass(frozen=True)
class OwnConverter:
    """A registered converter of one Lead field.

    `takes` are the types of sources that may fill the field, None for those that may anyway.
    `identity` names its code.
    """

    function: ConverterFunction
    takes: frozenset[FieldType] | None
    identity: str


#: By the name of the field in lower case: Salesforce ignores the case of field names.
_registry: dict[str, OwnConverter] = {}


def register_converter(
    field: str, *, takes: Iterable[FieldType | str] | None = None
) -> Callable[[Registered], Registered]:
    """Register a function for a Lead field, named by its API name; a decorator.

    The function gets the Python value of the source, None or "" where it is empty, and answers
    the value to go on with. `takes` names the types of sources that may fill the field by it, such
    as "boolean" or "date", in place of those that may anyway. It must be quick, query no
    database, and depend on its argument alone. An exception suspends the contact.

    After a release that changes what it answers, run `salesforce_replicate --reconcile`.
    Raises ValueError when the field has a converter already, the name cannot be that of a field, or
    a type is unknown; TypeError when something else than a function or a list is given.
    """
    check_texts([field], '@register_converter("City")')
    api_name(field)
    kinds = None if takes is None else _kinds(takes)

    def register(function: Registered) -> Registered:
        check_function(function, f"The converter for {field!r}")
        _add(field, OwnConverter(function, kinds, name_of(function)))
        return function

    return register


def _kinds(takes: Iterable[FieldType | str]) -> frozenset[FieldType]:
    return frozenset(one_of(FieldType, kind, "takes") for kind in listed(takes, 'takes=["text"]'))


def _add(field: str, converter: OwnConverter) -> None:
    if known := _registry.get(field.lower()):
        raise ValueError(
            f"There is already a converter for {field!r}: {known.identity}. Register it once, or"
            f" take {converter.identity} away."
        )
    _registry[field.lower()] = converter


def unregister_converter(field: str) -> None:
    """Take a converter away again, as tests do. Raises KeyError."""
    del _registry[field.lower()]


def own_converter(field: FieldDescribe) -> OwnConverter | None:
    """The site's converter for this Lead field, if it has one."""
    return _registry.get(field.name.lower())


def with_own(field: FieldDescribe, convert: Converter) -> Converter:
    """The converter of a field with the site's own in front of it, where there is one."""
    own = own_converter(field)
    return convert if own is None else partial(_both, own, field, convert)


def _both(own: OwnConverter, field: FieldDescribe, convert: Converter, value: Any) -> Converted:
    try:
        changed = own.function(value)
    except Exception as error:  # noqa: BLE001 (one contact is refused, whatever it raises)
        return refusals.converter_failed(field, own.identity, error)
    return convert(changed)
