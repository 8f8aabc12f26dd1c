"""Rows of cells from lines of text; a row that cannot be read says what is wrong with it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.importing.lines import MAX_LINE, Line, Lines, Place


#: The longest cell that is read, in characters.
MAX_CELL = 100_000
#: The longest row, over all its lines, in characters.
MAX_ROW = MAX_LINE


class Row(NamedTuple):
    """A row of the file: the line it begins in, its cells, and what is wrong with it, or ""."""

    line: int
    cells: list[str]
    problem: str = ""


class _Unreadable(Exception):
    """A line that ends the row being read."""


class Records(Iterator[Row]):
    """The rows of a file. `place` is where the next one begins.

    After a row that cannot be read, such as one with a quotation mark that is never closed,
    reading goes on in the line after its first.
    """

    def __init__(self, lines: Lines, delimiter: str) -> None:
        self._lines = lines
        self._feed = _Feed(lines)
        self._reader = csv.reader(self._feed, delimiter=delimiter, strict=True)

    @property
    def place(self) -> Place:
        return self._lines.place

    def __next__(self) -> Row:
        """The next row that is not an empty line."""
        cells: list[str] = []
        while not cells:
            line = self._lines.line + 1
            self._feed.begin()
            try:
                cells = next(self._reader)
            except (csv.Error, _Unreadable) as error:
                return Row(line, [], self._recover(endless="limit" in str(error)))
        if max(map(len, cells)) > MAX_CELL:
            return Row(line, [], too_long())
        return Row(line, cells)

    def _recover(self, *, endless: bool) -> str:
        """Go back to the second line of the row; what was wrong with the first."""
        first, *others = self._feed.taken
        self._lines.give_back(others)
        if any(isinstance(line, str) and "\0" in line for line in self._feed.taken):
            return _("The row holds a NUL character, so it is no text. Remove the character.")
        if not isinstance(first, str) or (endless and not others):
            return too_long()
        return unclosed() if endless else broken_quotes()


class _Feed(Iterator[str]):
    """Hands lines to the reader and remembers those of the row being read."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.begin()

    def begin(self) -> None:
        self.taken: list[Line] = []
        self._room = MAX_ROW

    def __next__(self) -> str:
        line = next(self._lines)
        self.taken.append(line)
        if not isinstance(line, str) or "\0" in line:
            raise _Unreadable
        self._room -= len(line)
        if self._room < 0:
            raise _Unreadable("limit")
        return line


def too_long() -> str:
    """The reason why a row with an enormous cell is refused."""
    words = _("A cell is longer than %(most)s characters. Shorten it.")
    return words % {"most": f"{MAX_CELL:,}"}


def unclosed() -> str:
    """The reason why a row is refused whose quoted cell has no end."""
    words = _(
        "A cell begins with a quotation mark that is not closed within %(most)s characters. "
        "Close it."
    )
    return words % {"most": f"{MAX_CELL:,}"}


def broken_quotes() -> str:
    """The reason why a row with stray quotation marks is refused."""
    return _(
        "The quotation marks are broken: one is not closed, or something follows a closing one. "
        "Write a quotation mark inside a cell twice."
    )
