"""The template language of the lead description, and what is wrong with a template's form."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from django.template import Engine, Library, Template, TemplateSyntaxError, defaultfilters
from django.template.base import TextNode, VariableNode
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.fields import FIELDS


# Left out of Django's own: what marks or makes HTML, depends on the clock or on chance, looks
# into objects, or grows a text to any width.
FILTERS = (
    "add",
    "capfirst",
    "cut",
    "date",
    "default",
    "divisibleby",
    "first",
    "floatformat",
    "get_digit",
    "join",
    "last",
    "length",
    "lower",
    "phone2numeric",
    "pluralize",
    "slice",
    "slugify",
    "striptags",
    "time",
    "title",
    "truncatechars",
    "truncatewords",
    "upper",
    "urlencode",
    "wordcount",
    "wordwrap",
    "yesno",
)
MOST_DECIMALS = 20
_DIGITS = re.compile(r"\d+")
_BRACES = re.compile(r"\{\{|\}\}|\{#|#\}")

Path = tuple[str, ...]


def _floatformat(value: Any, arg: Any = -1) -> str:
    """Django's floatformat with at most 20 decimal places."""
    if any(int(digits) > MOST_DECIMALS for digits in _DIGITS.findall(str(arg))):
        raise ValueError(f"floatformat takes at most {MOST_DECIMALS} decimal places.")
    return str(defaultfilters.floatformat(value, arg))


@cache
def _engine() -> Engine:
    library = Library()
    for name in FILTERS:
        library.filters[name] = defaultfilters.register.filters[name]
    library.filter("floatformat", _floatformat)
    engine = Engine(autoescape=False, loaders=[])
    # In place of Django's own tags and filters: not a single tag, and the filters above.
    engine.template_builtins = [library]
    return engine


def parse(source: str) -> Template:
    """Parse a template. Raises TemplateSyntaxError."""
    return Template(source, engine=_engine())


def paths_of(template: Template) -> Iterator[Path]:
    """The path of every variable, in filter arguments too: ("contact", "last_name")."""
    for node in template.nodelist:
        if isinstance(node, VariableNode):
            yield from _path(node.filter_expression.var)
            for _function, arguments in node.filter_expression.filters:
                for _is_variable, argument in arguments:
                    yield from _path(argument)


def _path(variable: Any) -> Iterator[Path]:
    if lookups := getattr(variable, "lookups", None):
        yield tuple(lookups)


def form_problems(source: str, attribute_names: Collection[str]) -> list[str]:
    """What is wrong with a template's form, then every name that does not exist."""
    if "{%" in source:
        return [
            _(
                "A lead description takes no template tags: use variables such as "
                "{{ contact.last_name }} and filters."
            )
        ]
    try:
        template = parse(source)
    except TemplateSyntaxError as error:
        return [_not_understood(error)]
    return [*_stray_braces(template), *_unknown_names(template, attribute_names)]


def _not_understood(error: TemplateSyntaxError) -> str:
    return _(
        "The lead description cannot be understood: %(error)s. The filters are: %(filters)s."
    ) % {"error": str(error).rstrip("."), "filters": ", ".join(FILTERS)}


def _stray_braces(template: Template) -> Iterator[str]:
    """A variable that was begun but not ended would be sent as it stands."""
    for node in template.nodelist:
        if isinstance(node, TextNode) and (found := _BRACES.search(node.s)):
            yield _(
                "A variable is not complete near “%(braces)s”: write it with two braces on each "
                "side, such as {{ contact.last_name }}."
            ) % {"braces": found.group()}


def _unknown_names(template: Template, attribute_names: Collection[str]) -> Iterator[str]:
    for path in dict.fromkeys(paths_of(template)):
        if not _is_known(path, attribute_names):
            yield _(
                "There is no %(name)s. Contact fields are %(fields)s; attributes are "
                "%(attributes)s."
            ) % {
                "name": ".".join(path),
                "fields": ", ".join(f"contact.{name}" for name in FIELDS),
                "attributes": ", ".join(f"attributes.{name}" for name in attribute_names)
                or _("not defined yet"),
            }


def _is_known(path: Path, attribute_names: Collection[str]) -> bool:
    inner = path[1:] if path[0] == "contact" else path
    if len(inner) == 2 and inner[0] == "attributes":
        return inner[1] in attribute_names
    return path[0] == "contact" and len(inner) == 1 and inner[0] in FIELDS
