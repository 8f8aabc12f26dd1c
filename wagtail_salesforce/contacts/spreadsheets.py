"""Cells that no spreadsheet program can turn into formulas."""

from __future__ import annotations


#: A cell that begins with one of these is a formula, or becomes one, in a spreadsheet program; the
#: full-width ones do where it is set to an East Asian language.
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")


def without_formula(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet program would calculate it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
