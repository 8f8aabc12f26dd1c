"""The table of leads, in columns that stay straight in every script."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any


WIDE = {"W", "F"}
UNSEEN = {"Mn", "Me", "Cf"}
EMOJI_PRESENTATION = "\ufe0f"
HEADINGS = ("Name", "Company", "Country", "Points", "Lead")
LIMITS = (26, 28, 16, 6, 18)


def lead_table(leads: Iterable[dict[str, Any]], points: dict[str, int]) -> str:
    """One line for each lead, as the practice org has it; `points` by e-mail address."""
    rows = [_row(lead, points) for lead in leads]
    return table(HEADINGS, rows)


def _row(lead: dict[str, Any], points: dict[str, int]) -> tuple[str, ...]:
    name = " ".join(part for part in (lead.get("FirstName"), lead["LastName"]) if part)
    score = points.get(str(lead.get("Email")), "")
    return (name, lead["Company"], lead.get("Country") or "", str(score), lead["Id"])


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lines with aligned columns. Width is what a terminal shows, not the count of characters."""
    cut = [
        [shorten(cell, limit) for cell, limit in zip(row, LIMITS, strict=True)]
        for row in [headings, *rows]
    ]
    widths = [max(width(row[column]) for row in cut) for column in range(len(headings))]
    lines = [
        "  ".join(cell + " " * (most - width(cell)) for cell, most in zip(row, widths, strict=True))
        for row in cut
    ]
    rule = "  ".join("─" * most for most in widths)
    return "\n".join(line.rstrip() for line in [lines[0], rule, *lines[1:]])


def width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in UNSEEN or character == EMOJI_PRESENTATION:
        return 0
    return 2 if unicodedata.east_asian_width(character) in WIDE else 1


def shorten(text: str, limit: int) -> str:
    """At most so many columns; a dot of three says that something was cut."""
    text = " ".join(text.split())
    if width(text) <= limit:
        return text
    kept = text
    while width(kept) > limit - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"
