"""What is wrong with a lead description's form: every problem with its line and character."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import Any

from django.template import TemplateSyntaxError
from django.template.base import DebugLexer, TokenType
from django.utils.translation import gettext as _

from wagtail_salesforce.mapping.template_language import FILTERS, parse_expression, paths_in
from wagtail_salesforce.mapping.template_names import is_known, unknown


_TAG = re.compile(r"\{%\s*(\w*)")
_BRACES = re.compile(r"\{\{|\}\}|\{#|#\}|%\}")
_NO_FILTER = re.compile(r"Invalid filter: '(.*)'")
_LOADS = {"load", "include", "extends", "block", "now", "url", "static", "csrf_token"}
_LOOPS = {"for", "endfor", "cycle", "regroup", "lorem"}


def form_problems(source: str, attribute_names: Collection[str]) -> list[str]:
    """Everything that is wrong with a template's form, in the order of the text."""
    if tag := _TAG.search(source):
        return [_placed(source, tag.start(), _no_tags(tag[1]))]
    found = (
        (position, message)
        for token in DebugLexer(source).tokenize()
        for position, message in _of_token(token, attribute_names)
    )
    return list(dict.fromkeys(_placed(source, position, text) for position, text in found))


def place_of(source: str, position: int) -> str:
    """Where a position is, in words: the line is left out of a template that has only one."""
    column = position - (source.rfind("\n", 0, position) + 1) + 1
    if "\n" not in source.strip("\r\n"):
        return _("Character %(column)d") % {"column": column}
    line = source.count("\n", 0, position) + 1
    return _("Line %(line)d, character %(column)d") % {"line": line, "column": column}


def _placed(source: str, position: int, message: str) -> str:
    return f"{place_of(source, position)}: {message}"


def _no_tags(name: str) -> str:
    if name in _LOADS:
        why = _("nothing is loaded or included")
    elif name in _LOOPS:
        why = _("nothing is repeated")
    else:
        why = _("nothing is decided or worked out by tags")
    return _(
        "A lead description takes no template tags such as “%(tag)s”: %(why)s. Write variables "
        "such as {{ contact.last_name }}, with filters such as |upper."
    ) % {"tag": f"{{% {name or '…'} %}}", "why": why}


def _of_token(token: Any, attribute_names: Collection[str]) -> Iterator[tuple[int, str]]:
    start = token.position[0]
    if token.token_type == TokenType.TEXT:
        yield from ((start + place, text) for place, text in _stray_braces(token.contents))
    elif token.token_type == TokenType.VAR:
        yield from ((start, text) for text in _of_variable(token.contents, attribute_names))


def _stray_braces(text: str) -> Iterator[tuple[int, str]]:
    """A variable that was begun but not ended would be sent as it stands."""
    if found := _BRACES.search(text):
        yield (
            found.start(),
            _(
                "A variable is not complete near “%(braces)s”: write it in one line with two "
                "braces on each side, such as {{ contact.last_name }}."
            )
            % {"braces": found.group()},
        )


def _of_variable(text: str, attribute_names: Collection[str]) -> Iterator[str]:
    if not text:
        yield _(
            "Empty braces cannot be understood. Write a name between them, such as "
            "{{ contact.last_name }}, or take them out."
        )
        return
    try:
        expression = parse_expression(text)
    except TemplateSyntaxError as error:
        yield _not_understood(text, str(error))
        return
    for path in dict.fromkeys(paths_in(expression)):
        if not is_known(path, attribute_names):
            yield unknown(path, attribute_names)


def _not_understood(text: str, reason: str) -> str:
    if found := _NO_FILTER.search(reason):
        return _no_filter(found[1])
    return _(
        "“%(text)s” cannot be understood. Write a name, with filters behind it, such as "
        "contact.city|default:contact.country. (%(reason)s.)"
    ) % {"text": text, "reason": reason.rstrip(".")}


def _no_filter(name: str) -> str:
    message = _("There is no filter “%(name)s”.") % {"name": name}
    nearest = get_close_matches(name, FILTERS, n=1, cutoff=0.7)
    if nearest:
        more = _("Did you mean “%(name)s”?") % {"name": nearest[0]}
    else:
        more = _("The filters are: %(filters)s.") % {"filters": ", ".join(FILTERS)}
    return f"{message} {more}"
