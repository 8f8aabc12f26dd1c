"""From bytes to plain data: everything that JSON lets through and a document must not hold."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.exceptions import InvalidDocument, Problem


#: A document of a thousand rules and a mapping of 800 fields has less than half of it.
MOST_BYTES = 1024 * 1024
DEEPEST = 40

Path = tuple[str | int, ...]


def parse(text: str | bytes) -> tuple[Any, list[Problem]]:
    """The data of a JSON text, and what is wrong in it at which path.

    Raises InvalidDocument for a text that cannot be read at all.
    """
    try:
        data = json.loads(
            _decoded(text),
            object_pairs_hook=_Object.of,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        raise _refused(_syntax(error)) from None
    except RecursionError:
        raise _refused(_too_deep()) from None
    problems = list(_walk(data, ()))
    return data, problems


def path_of(loc: Path) -> str:
    """A path as people read it, such as `scores[2].rules[0].points`."""
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _refused(message: str) -> InvalidDocument:
    return InvalidDocument([Problem("", message)])


def _decoded(text: str | bytes) -> str:
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        message = _("The document is larger than %(most)d KB. Export and import it in parts.")
        raise _refused(message % {"most": MOST_BYTES // 1024})
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
    except UnicodeDecodeError:
        message = _("The file is not UTF-8 text. Save it with the encoding UTF-8, or export again.")
        raise _refused(message) from None
    decoded = decoded.removeprefix("\ufeff")
    if not decoded.strip():
        raise _refused(_("The document is empty. Export it again."))
    return decoded


def _syntax(error: json.JSONDecodeError) -> str:
    """Where reading ended, in words; a text that ends too early is told from one with a slip."""
    rest = error.doc[error.pos :].strip()
    place = {"line": error.lineno, "column": error.colno, "error": error.msg}
    if not rest or error.msg.startswith("Unterminated string"):
        message = _(
            "This is not a whole JSON document: it ends too early (from line %(line)d, column "
            "%(column)d: %(error)s). It seems to be cut off; copy or export it again."
        )
    else:
        message = _(
            "This is not a JSON document: %(error)s (line %(line)d, column %(column)d). "
            "Correct it there, or export it again."
        )
    return message % place


def _too_deep() -> str:
    message = _("This is nested more than %(most)d levels deep. Take some levels out.")
    return message % {"most": DEEPEST}


def _integer(digits: str) -> int | float:
    """Numbers so long that reading them would take long are as good as infinite."""
    return int(digits) if len(digits) < 400 else math.inf


class _Object(dict[str, Any]):
    """An object that remembers which of its keys stand there more than once."""

    twice: tuple[str, ...] = ()

    @classmethod
    def of(cls, pairs: list[tuple[str, Any]]) -> _Object:
        made = cls(pairs)
        if len(made) < len(pairs):
            counts = Counter(key for key, _value in pairs)
            made.twice = tuple(key for key, count in counts.items() if count > 1)
        return made


def _walk(value: Any, loc: Path) -> Iterator[Problem]:
    if len(loc) > DEEPEST:
        yield Problem(path_of(loc[:DEEPEST]), _too_deep())
    elif isinstance(value, _Object):
        yield from _object(value, loc)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _walk(item, (*loc, number))
    elif isinstance(value, str):
        yield from (Problem(path_of(loc), message) for message in _unstorable(value))
    elif isinstance(value, float) and not math.isfinite(value):
        yield Problem(path_of(loc), _("Give a finite number; this one is none, or far too large."))


def _object(value: _Object, loc: Path) -> Iterator[Problem]:
    for key in value.twice:
        message = _("This key stands here more than once. Keep one of them.")
        yield Problem(path_of((*loc, key)), message)
    for key, item in value.items():
        yield from (Problem(path_of(loc), message) for message in _unstorable(key))
        yield from _walk(item, (*loc, key))


def _unstorable(text: str) -> Iterator[str]:
    """What no database can keep as text."""
    if "\x00" in text:
        yield _("There is a NUL character in this text. Take it out.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        yield _("There is half a character (a lone surrogate) in this text. Take it out.")
