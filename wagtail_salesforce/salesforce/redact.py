"""Takes people's data out of Salesforce's error messages, which like to echo it."""

from __future__ import annotations

import re
from collections.abc import Iterable


REMOVED = "[removed]"

# Salesforce's wordings before an echoed value, and what may stand behind it at the end of the
# message. The value may hold anything, also line ends and these wordings, so that all between
# them goes; without the known end, all to the end of the message goes.
_ECHOES = [
    re.compile(rf"({before})(?:.*?({after})\s*\Z|.*)", re.DOTALL)
    for before, after in (
        ("data value too large: ", r" \(max length=\d+\)"),
        ("invalid email address: ", ""),
        ("value outside of valid range on numeric field: ", ""),
        ("bad value for restricted picklist field: ", ""),
        ("value not of required type: ", ""),
        (
            r"from VALUE_\w+ value ",
            r" or request may be missing a required field at \[line:\d+, column:\d+\]",
        ),
        ("Due to, '", "' is not a valid value for the type [\\w:, -]+"),
    )
]
_EMAIL = re.compile(r"[^\s@<>\"'(),;:]+@[\w.-]*\w")


def redact(message: str, values: Iterable[object] = ()) -> str:
    """Replace every given value, and everything that looks like an echo, by "[removed]".

    `values` are what was sent for the row (None and booleans are ignored). Short values are
    replaced where they stand as words, so that "A" does not eat the sentence.
    """
    for pattern in _ECHOES:
        message = pattern.sub(rf"\1{REMOVED}\2", message)
    for text in _texts(values):
        message = _pattern(text).sub(REMOVED, message)
    return _EMAIL.sub(REMOVED, message)


def _texts(values: Iterable[object]) -> list[str]:
    personal = (value for value in values if value is not None and not isinstance(value, bool))
    texts = {str(value).strip() for value in personal}
    # The longest first, so that a value inside another leaves no part of the longer one.
    return sorted(texts - {""}, key=len, reverse=True)


def _pattern(text: str) -> re.Pattern[str]:
    # Salesforce may fold blanks and line ends, and compares without regard to case.
    words = r"\s+".join(re.escape(word) for word in text.split())
    before = r"(?<!\w)" if text[0].isalnum() else ""
    after = r"(?!\w)" if text[-1].isalnum() else ""
    return re.compile(before + words + after, re.IGNORECASE)
