"""Numbers that somebody has put into an address or a form."""

from __future__ import annotations


#: The highest primary key that every database takes.
LARGEST_ID = 2**63 - 1


def id_or_none(text: object) -> int | None:
    """The id that a text or number stands for, or None where no row can have it."""
    digits = str(text) if not isinstance(text, int) or abs(text) <= LARGEST_ID else ""
    if not digits.isdecimal() or len(digits) > len(str(LARGEST_ID)):
        return None
    number = int(digits)
    return number if number <= LARGEST_ID else None
