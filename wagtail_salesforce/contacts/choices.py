"""The choices of an attribute of the type choice, and the ways to find one among them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.fields import ATTRIBUTE_TEXT_LENGTH


# A note names so many choices; more would not help whoever reads it.
MOST_NAMED = 20


def choices_of(text: str) -> tuple[str, ...]:
    """The choices that a text holds, one a line; empty lines do not count."""
    return tuple(stripped for line in text.splitlines() if (stripped := line.strip()))


def find_choice(text: str, choices: Iterable[str]) -> str | None:
    """The choice that a text means: the same one, or else one that differs in case alone."""
    known = tuple(choices)
    if text in known:
        return text
    wanted = folded(text)
    return next((choice for choice in known if folded(choice) == wanted), None)


def pick(text: str, choices: Sequence[str]) -> str:
    """The choice that a text means, in its own spelling.

    Raises ValueError naming the choices, without the text, when it means none of them.
    """
    choice = find_choice(text, choices)
    if choice is None:
        raise ValueError(no_choice(choices))
    return choice


def no_choice(choices: Sequence[str]) -> str:
    """The sentence for a value that is none of these choices."""
    if not choices:
        return _("There are no choices to give one of. Add them first.")
    named = ", ".join(choices[:MOST_NAMED])
    if len(choices) > MOST_NAMED:
        return _("Give one of the %(count)d choices, such as: %(choices)s.") % {
            "count": len(choices),
            "choices": named,
        }
    return _("Give one of these choices: %(choices)s.") % {"choices": named}


def choice_problems(choices: Sequence[str]) -> list[str]:
    """What is wrong with the choices of an attribute, as sentences; empty when all is well."""
    if not choices:
        return [_("Give at least one choice, each on a line of its own.")]
    longest = ATTRIBUTE_TEXT_LENGTH
    problems = [
        _("“%(choice)s…” has more than %(longest)d characters. Shorten it.")
        % {"choice": choice[:30], "longest": longest}
        for choice in choices
        if len(choice) > longest
    ]
    text = _("“%(choice)s” stands here more than once, in this or another case. Remove one.")
    return problems + [text % {"choice": choice} for choice in _twice(choices)]


def _twice(choices: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    found = []
    for choice in choices:
        if folded(choice) in seen:
            found.append(choice)
        seen.add(folded(choice))
    return found


def folded(text: str) -> str:
    """The text as choices are compared: whatever its case and the way its accents are encoded."""
    normal = unicodedata.normalize("NFC", text.strip())
    return unicodedata.normalize("NFC", normal.casefold())
