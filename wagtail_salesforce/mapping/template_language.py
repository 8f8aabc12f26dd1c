"""The template language of the lead description: Django's variables and filters, and no tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.template import Engine, Library, Template, defaultfilters
from django.template.base import FilterExpression, Parser, VariableNode


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
#: A join of a text makes it many times as long, and a filter may stand behind another.
MOST_JOINED = 32_000
_DIGITS = re.compile(r"\d+")

Path = tuple[str, ...]


def _floatformat(value: Any, arg: Any = -1) -> str:
    """Django's floatformat with at most 20 decimal places."""
    if any(int(digits) > MOST_DECIMALS for digits in _DIGITS.findall(str(arg))):
        raise ValueError(f"floatformat takes at most {MOST_DECIMALS} decimal places.")
    return str(defaultfilters.floatformat(value, arg))


def _join(value: Any, arg: Any) -> Any:
    """Django's join, of texts that stay small."""
    if isinstance(value, str) and len(value) * (len(str(arg)) + 1) > MOST_JOINED:
        raise ValueError(f"join makes at most {MOST_JOINED} characters.")
    return defaultfilters.join(value, arg, autoescape=False)


@cache
def _library() -> Library:
    library = Library()
    for name in FILTERS:
        library.filters[name] = defaultfilters.register.filters[name]
    library.filter("floatformat", _floatformat)
    library.filter("join", _join)
    return library


@cache
def _engine() -> Engine:
    engine = Engine(autoescape=False, loaders=[])
    # In place of Django's own tags and filters: not a single tag, and the filters above.
    engine.template_builtins = [_library()]
    return engine


def parse(source: str) -> Template:
    """Parse a template. Raises TemplateSyntaxError."""
    return Template(source, engine=_engine())


def parse_expression(text: str) -> FilterExpression:
    """Parse what stands between the braces of a variable. Raises TemplateSyntaxError."""
    return Parser([], libraries={}, builtins=[_library()]).compile_filter(text)


def paths_of(template: Template) -> Iterator[Path]:
    """The path of every variable, in filter arguments too: ("contact", "last_name")."""
    for node in template.nodelist:
        if isinstance(node, VariableNode):
            yield from paths_in(node.filter_expression)


def paths_in(expression: FilterExpression) -> Iterator[Path]:
    """The same for one variable with its filters."""
    yield from _path(expression.var)
    for _function, arguments in expression.filters:
        for _is_variable, argument in arguments:
            yield from _path(argument)


def _path(variable: Any) -> Iterator[Path]:
    if lookups := getattr(variable, "lookups", None):
        yield tuple(lookups)
