"""The lead description: a template of plain variables and filters over a contact.

`{{ contact.last_name }}` is a contact field, `{{ contact.attributes.licences }}` or
`{{ attributes.licences }}` an attribute; an empty one is empty text. There are no tags, so a
template loads, includes and repeats nothing, and nothing is escaped: Salesforce shows plain text.
The filters are those of Django that answer the same every day and stay small.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timezone, tzinfo
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.template import Context, Template
from django.template.base import NodeList, TextNode, VariableNode
from django.utils import timezone as django_timezone
from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.fields import FIELDS, TEXT_TYPES, FieldType
from wagtail_salesforce.exceptions import Problem, Stopped
from wagtail_salesforce.mapping.reading import ATTRIBUTE_PREFIX, AttributeTypes, Reading
from wagtail_salesforce.mapping.template_check import form_problems
from wagtail_salesforce.mapping.template_language import Path, parse, paths_of


_SAMPLES: dict[FieldType | None, Any] = {
    FieldType.TEXT: "1",
    FieldType.LONG_TEXT: "1",
    FieldType.CHOICE: "1",
    FieldType.INTEGER: 1,
    FieldType.DECIMAL: Decimal("1.5"),
    FieldType.FLOAT: 1.5,
    FieldType.BOOLEAN: True,
    FieldType.DATE: date(2001, 1, 1),
    FieldType.DATETIME: datetime(2001, 1, 1, tzinfo=timezone.utc),
}


class InvalidDescription(Stopped):
    """The template does not work; `problems` says why."""

    code = "invalid_lead_description"

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem.message for problem in problems))


def check_description(source: str, attributes: Collection[str] | AttributeTypes) -> list[Problem]:
    """What is wrong with a template, for saving it; empty when it works.

    `attributes` are the names of the attributes, better with their types. The template is also
    tried on a contact that has every value and on one that has none.
    """
    types = attributes if isinstance(attributes, Mapping) else dict.fromkeys(attributes)
    messages = form_problems(source, types) or _trial_problems(source, types)
    return [Problem("lead_description", message) for message in messages]


def compile_description(source: str, attribute_types: AttributeTypes, zone: tzinfo) -> Reading:
    """Compile the template once: what it needs, and the function that renders it.

    Raises InvalidDescription. The function raises what a filter raises for an odd value.
    """
    messages = form_problems(source, attribute_types)
    if messages:
        raise InvalidDescription([Problem("lead_description", text) for text in messages])
    return _compile(source, attribute_types, zone)


def _compile(source: str, attribute_types: Mapping[str, Any], zone: tzinfo) -> Reading:
    template = parse(source)
    needs = tuple(dict.fromkeys(_need(path) for path in paths_of(template)))
    joined = _joined(template.nodelist, needs, attribute_types)
    return Reading(needs, joined or _rendered(template, needs, zone))


def variables_of(source: str) -> list[str]:
    """The variables of a template that parses, each a template of its own with its filters."""
    nodes = (node for node in parse(source).nodelist if isinstance(node, VariableNode))
    return [f"{{{{ {node.filter_expression} }}}}" for node in nodes]


def _trial_problems(source: str, attribute_types: Mapping[str, Any]) -> list[str]:
    failures = ((each, _failure(each, attribute_types)) for each in variables_of(source))
    return [
        _(
            "%(variable)s fails with %(error)s for some contacts. Where a value may be empty, "
            "put the filter “default” first."
        )
        % {"variable": variable, "error": error}
        for variable, error in dict(failures).items()
        if error
    ]


def _failure(variable: str, attribute_types: Mapping[str, Any]) -> str:
    """The class of what a variable raises with every value, or with none; empty if nothing."""
    reading = _compile(variable, attribute_types, timezone.utc)
    full = [_SAMPLES.get(_type(need, attribute_types), "1") for need in reading.needs]
    try:
        reading.function(*full)
        reading.function(*(None for _need in reading.needs))
    except Exception as error:  # noqa: BLE001 (a filter may raise anything)
        return type(error).__name__
    return ""


def _need(path: Path) -> str:
    """The need that a variable's path stands for."""
    is_field = path[0] == "contact" and len(path) == 2
    return path[1] if is_field else ATTRIBUTE_PREFIX + path[-1]


def _type(need: str, attribute_types: Mapping[str, Any]) -> FieldType | None:
    if need in FIELDS:
        return FIELDS[need].type
    kind: FieldType | None = attribute_types.get(need.removeprefix(ATTRIBUTE_PREFIX))
    return kind


def _joined(
    nodes: NodeList, needs: tuple[str, ...], attribute_types: Mapping[str, Any]
) -> Callable[..., str] | None:
    """A quick function for texts and plain text variables only; None for anything more."""
    parts: list[str | int] = []
    for node in nodes:
        if isinstance(node, TextNode):
            parts.append(node.s)
        elif (place := _plain_place(node, needs, attribute_types)) is not None:
            parts.append(place)
        else:
            return None
    return lambda *values: "".join(
        part if isinstance(part, str) else values[part] or "" for part in parts
    )


def _plain_place(
    node: Any, needs: tuple[str, ...], attribute_types: Mapping[str, Any]
) -> int | None:
    expression = node.filter_expression
    lookups = getattr(expression.var, "lookups", None)
    if expression.filters or not lookups:
        return None
    need = _need(lookups)
    return needs.index(need) if _type(need, attribute_types) in TEXT_TYPES else None


def _rendered(template: Template, needs: tuple[str, ...], zone: tzinfo) -> Callable[..., str]:
    """A function that renders by Django, in the site's language and time zone."""

    def render(*values: Any) -> str:
        contact: dict[str, Any] = {"attributes": {}}
        for need, value in zip(needs, values, strict=True):
            name = need.removeprefix(ATTRIBUTE_PREFIX)
            holder = contact if name == need else contact["attributes"]
            holder[name] = "" if value is None else value
        context = {"contact": contact, "attributes": contact["attributes"]}
        with translation.override(settings.LANGUAGE_CODE), django_timezone.override(zone):
            return str(template.render(Context(context, autoescape=False)))

    return render
