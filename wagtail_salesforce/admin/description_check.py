"""The lead description on real contacts: whether it works, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.admin.contacts_access import may_see_contacts
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.mapping.context import MappingContext
from wagtail_salesforce.mapping.description import (
    check_description,
    compile_description,
    variables_of,
)
from wagtail_salesforce.mapping.mappers import AttributeUnreadable, columns_of, raw_getter
from wagtail_salesforce.mapping.reading import AttributeTypes
from wagtail_salesforce.replication.preflight import attribute_types


#: The newest contacts that a changed template is tried on before it is saved.
TRIED = 50

Render = Callable[[Contact], str]


@dataclass(frozen=True)
class Failure:
    """A contact that a template fails for, and the variable that does it."""

    contact: Contact
    variable: str
    error: str

    def words(self, *, may_see: bool) -> str:
        """What failed for whom; the contact's name is for those who may see contacts."""
        who = str(self.contact) if may_see else _("contact #%(id)d") % {"id": self.contact.pk}
        return _(
            "%(variable)s cannot be worked out for %(contact)s (%(error)s). Where a value may be "
            "empty or odd, put the filter “default” first, or leave the filter out."
        ) % {"variable": self.variable, "contact": who, "error": self.error}


def refusals(source: str, user: Any, *, changed: bool = True) -> list[str]:
    """Why a template cannot be saved; one that has changed is tried on the newest contacts, too."""
    types = attribute_types()
    problems = [problem.message for problem in check_description(source, types)]
    if problems or not changed:
        return problems
    failure = first_failure(source, types, Contact.objects.all()[:TRIED])
    may_see = user is not None and may_see_contacts(user)
    return [failure.words(may_see=may_see)] if failure else []


def first_failure(
    source: str, types: AttributeTypes, contacts: Iterable[Contact]
) -> Failure | None:
    """The first of the contacts that the template fails for."""
    render = renderer(source, types)
    for contact in contacts:
        if error := _error(render, contact):
            return Failure(contact, _culprit(source, types, contact), error)
    return None


def renderer(source: str, types: AttributeTypes) -> Render:
    """The function that renders a template for a contact. Raises InvalidDescription."""
    reading = compile_description(source, types, MappingContext().time_zone)
    columns = columns_of([reading])
    get = raw_getter(reading, columns, types)
    return lambda contact: str(get([getattr(contact, name) for name in columns], None))


def _error(render: Render, contact: Contact) -> str:
    """The class of what rendering raises; a value that is not of its type is not its fault."""
    try:
        render(contact)
    except AttributeUnreadable:
        return ""
    except Exception as error:  # noqa: BLE001 (a filter may raise anything)
        return type(error).__name__
    return ""


def _culprit(source: str, types: AttributeTypes, contact: Contact) -> str:
    found = (each for each in variables_of(source) if _error(renderer(each, types), contact))
    return next(found, source)
