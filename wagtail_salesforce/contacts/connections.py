"""Form connections: read for a page, checked, and compared with the form as it is now."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Expression, JSONField
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.fields import WRITABLE
from wagtail_salesforce.contacts.models import Attribute, FormConnection
from wagtail_salesforce.exceptions import Problem


class AttributeTypes(Expression):
    """Every attribute's type by its name, as one JSON object read along with another row."""

    output_field = JSONField()
    functions = {
        "sqlite": "JSON_GROUP_OBJECT",
        "postgresql": "JSONB_OBJECT_AGG",
        "mysql": "JSON_OBJECTAGG",
    }

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        quote = connection.ops.quote_name
        name, kind = quote("name"), quote("type")
        function = self.functions[connection.vendor]
        return f"(SELECT {function}({name}, {kind}) FROM {quote(Attribute._meta.db_table)})", ()  # noqa: S608


def connection_for(page_id: int) -> FormConnection | None:
    """The connection of a form page, switched on or off, with the types of all attributes in
    `attribute_types` (dict of name to type, or None when there are none). One statement."""
    connections = FormConnection.objects.annotate(attribute_types=AttributeTypes())
    return connections.filter(page_id=page_id).first()


def form_fields(page_id: int) -> list[Any] | None:
    """The form fields of a page (objects with `clean_name`, `label`, `field_type`).

    None when there is no such page, or the page is no form.
    """
    from wagtail.contrib.forms.models import FormSubmission

    pages = FormSubmission._meta.get_field("page").related_model._default_manager
    page = pages.filter(pk=page_id).first()
    form: Any = page.specific if page else None
    return list(form.get_form_fields()) if hasattr(form, "get_form_fields") else None


def dangling(connection: FormConnection) -> list[str]:
    """The form fields the connection uses that its form no longer has, all when it is gone."""
    used = [*connection.fields, *([connection.value_field] if connection.value_field else [])]
    present = {field.clean_name for field in form_fields(connection.page_id) or []}
    return [name for name in dict.fromkeys(used) if name not in present]


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


def _wrong_target(name: str, target: Any, attributes: Collection[str]) -> str:
    named = {"form_field": name}
    if not (isinstance(target, dict) and len(target) == 1 and {*target} <= {"field", "attribute"}):
        text = _('"%(form_field)s" must say {"field": name} or {"attribute": name}.')
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
    return ""


def _wrong_whole(fields: dict[str, dict[str, str]]) -> list[Problem]:
    targets = [tuple(target.items()) for target in fields.values()]
    found = [
        Problem(name, _("Two form fields fill %(target)s. Keep one of them.") % {"target": wanted})
        for (name, target) in fields.items()
        for wanted in target.values()
        if targets.count(tuple(target.items())) > 1
    ]
    if (("field", "email"),) not in targets:
        found.append(Problem("", _no_email()))
    return found


def _no_email() -> str:
    return _(
        "Choose the form field that holds the e-mail address. Without it no submission can "
        "become a contact."
    )
