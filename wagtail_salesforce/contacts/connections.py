"""Form connections: read for a page, checked, and compared with the form as it is now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts import spam
from wagtail_salesforce.contacts.fields import WRITABLE, FieldType
from wagtail_salesforce.contacts.known_values import with_known_values
from wagtail_salesforce.contacts.models import Attribute, FormConnection
from wagtail_salesforce.contacts.names import FULL_NAME, NAME_FIELDS
from wagtail_salesforce.contacts.spam_conditions import Conditions, shape_problems
from wagtail_salesforce.exceptions import Problem


KINDS = {"field", "attribute", "split"}


def connection_for(page_id: int) -> FormConnection | None:
    """The connection of a form page, switched on or off, with what its values are checked
    against (see `with_known_values`). One statement."""
    return _with_known_values().filter(page_id=page_id).first()


def connection_with_known_values(pk: int) -> FormConnection | None:
    """The same by the connection's own id."""
    return _with_known_values().filter(pk=pk).first()


def _with_known_values() -> Any:
    return FormConnection.objects.annotate(**with_known_values())


def form_fields(page_id: int) -> list[Any] | None:
    """The form fields of a page (objects with `clean_name`, `label`, `field_type`).

    None when there is no such page, or the page is no form.
    """
    from wagtail.contrib.forms.models import FormSubmission

    pages = FormSubmission._meta.get_field("page").related_model._default_manager
    page = pages.filter(pk=page_id).first()
    form: Any = page.specific if page else None
    return list(form.get_form_fields()) if hasattr(form, "get_form_fields") else None


def used_fields(connection: FormConnection) -> list[str]:
    """The form fields that a connection names, each once."""
    others = (
        connection.value_field,
        connection.consent_field,
        Conditions.of(connection.conditions).honeypot,
    )
    return list(dict.fromkeys([*connection.fields, *filter(None, others)]))


def dangling(connection: FormConnection) -> list[str]:
    """The form fields the connection uses that its form no longer has, all when it is gone."""
    present = {field.clean_name for field in form_fields(connection.page_id) or []}
    return [name for name in used_fields(connection) if name not in present]


def problems(fields: Any, attributes: Collection[str] | None = None) -> list[Problem]:
    """What is wrong with the `fields` document of a connection; empty when all is well.

    `attributes` are the names of the attributes that exist, read from the database when None.
    The path of a problem is the form field's name, or "" for the document as a whole.
    """
    if not isinstance(fields, dict):
        return [Problem("", _("The fields must be an object with form fields as its keys."))]
    if attributes is None:
        attributes = set(Attribute.objects.values_list("name", flat=True))
    found = [
        Problem(name, message)
        for name, target in fields.items()
        if (message := _wrong_target(name, target, attributes))
    ]
    return found or _wrong_whole(fields)


def other_problems(
    connection: FormConnection, types: Mapping[str, str] | None = None
) -> Iterator[Problem]:
    """What is wrong with the consent and the conditions of a connection, saved or not.

    `types` are the types of the attributes by name, read from the database when None. The path
    of a problem is the column's name, for conditions with the key ("conditions.seconds").
    """
    if types is None:
        types = dict(Attribute.objects.values_list("name", "type"))
    yield from _consent_problems(connection, types)
    shape = list(shape_problems(connection.conditions))
    for problem in shape or _condition_problems(connection):
        path = f"conditions.{problem.path}" if problem.path else "conditions"
        yield Problem(path, problem.message)


def _consent_problems(connection: FormConnection, types: Mapping[str, str]) -> Iterator[Problem]:
    field, attribute = connection.consent_field, connection.consent_attribute
    if field and not attribute:
        message = _("Choose the attribute that a given consent sets to yes.")
        yield Problem("consent_attribute", message)
    if attribute and not field:
        message = _("Choose the checkbox by which visitors consent, or no attribute.")
        yield Problem("consent_field", message)
    if attribute and types.get(attribute) != FieldType.BOOLEAN:
        message = _("Consent needs an attribute of the type “Yes or no”. Choose another one.")
        yield Problem("consent_attribute", message)
    elif attribute and {"attribute": attribute} in _targets(connection):
        message = _(
            "A field of the form fills this attribute too, so that an unticked box could withdraw "
            "a consent. Let consent alone set it."
        )
        yield Problem("consent_attribute", message)


def _condition_problems(connection: FormConnection) -> Iterator[Problem]:
    conditions = Conditions.of(connection.conditions)
    if conditions.honeypot and conditions.honeypot in used_fields_but_honeypot(connection):
        message = _("This field is used above, so people fill it in. Choose one that is not.")
        yield Problem("honeypot", message)
    if conditions.check and conditions.check not in spam.checks():
        message = _("The website's code has no check of this name any more. Choose another.")
        yield Problem("check", message)


def used_fields_but_honeypot(connection: FormConnection) -> set[str]:
    """The form fields that people are meant to fill in."""
    return {*connection.fields, connection.value_field, connection.consent_field}


def _targets(connection: FormConnection) -> list[Any]:
    return list(connection.fields.values()) if isinstance(connection.fields, dict) else []


def _wrong_target(name: str, target: Any, attributes: Collection[str]) -> str:
    named = {"form_field": name}
    if not (isinstance(target, dict) and len(target) == 1 and {*target} <= KINDS):
        text = _(
            '"%(form_field)s" must say {"field": name}, {"attribute": name} or '
            '{"split": "full_name"}.'
        )
        return text % named
    ((kind, wanted),) = target.items()
    if kind == "field" and wanted not in [*WRITABLE]:
        text = _(
            '"%(form_field)s" fills "%(target)s", which is no contact field that can be filled.'
        )
        return text % {**named, "target": wanted}
    if kind == "attribute" and wanted not in [*attributes]:
        text = _(
            '"%(form_field)s" fills "%(target)s", which is no attribute. Add the attribute first.'
        )
        return text % {**named, "target": wanted}
    if kind == "split" and wanted != FULL_NAME:
        text = _('"%(form_field)s" splits "%(target)s". Only "full_name" can be split.')
        return text % {**named, "target": wanted}
    return ""


def _wrong_whole(fields: dict[str, dict[str, str]]) -> list[Problem]:
    filled = [filled_by(target) for target in fields.values()]
    found = [
        Problem(name, _("Two form fields fill %(target)s. Keep one of them.") % {"target": again})
        for name, target in fields.items()
        if (again := _filled_again(target, filled))
    ]
    if {"field": "email"} not in fields.values():
        found.append(Problem("", _no_email()))
    return found


def filled_by(target: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """What a target fills: one contact field or attribute, or all parts of a name."""
    if "split" in target:
        return frozenset(("field", name) for name in NAME_FIELDS)
    return frozenset(target.items())


def _filled_again(target: Mapping[str, str], filled: list[frozenset[tuple[str, str]]]) -> str:
    """The name of what this target and another one fill; "" when there is none."""
    for kind, name in sorted(filled_by(target)):
        if sum((kind, name) in each for each in filled) > 1:
            return next(iter(target.values()))
    return ""


def _no_email() -> str:
    return _(
        "Choose the form field that holds the e-mail address. Without it no submission can "
        "become a contact."
    )
