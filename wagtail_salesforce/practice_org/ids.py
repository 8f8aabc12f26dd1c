"""Salesforce record ids: 15 characters with case, or 18 with a suffix that spells the case out.

Source: Object reference, "ID field type"; key prefixes of the standard objects.
"""

import re


SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_PATTERN = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?", re.ASCII)
INSTANCE = "Pr0"


def suffix(id15: str) -> str:
    """The three characters that tell which of the fifteen are capital letters."""
    chunks = (id15[start : start + 5] for start in (0, 5, 10))
    return "".join(SUFFIX_ALPHABET[_capitals(chunk)] for chunk in chunks)


def _capitals(chunk: str) -> int:
    return sum(1 << bit for bit, char in enumerate(chunk) if "A" <= char <= "Z")


def to_18(id15: str) -> str:
    """The 18-character form of a 15-character id."""
    return id15 + suffix(id15)


def looks_like_id(value: str) -> bool:
    """Whether a text has the length and the characters of an id."""
    return ID_PATTERN.fullmatch(value) is not None


def normalise(value: str) -> str | None:
    """The 18-character form of an id, or None when the text is not a well-formed id."""
    if not looks_like_id(value):
        return None
    if len(value) == 15:
        return to_18(value)
    return value if suffix(value[:15]) == value[15:] else None


def make(prefix: str, number: int) -> str:
    """A new 18-character id of the object with this key prefix."""
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    return to_18(prefix + INSTANCE + digits.rjust(9, "0"))
