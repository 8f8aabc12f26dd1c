"""What the beginning of a file says: its encoding, its delimiter and its header."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.emails import valid_email
from wagtail_salesforce.contacts.importing.lines import Lines, Place
from wagtail_salesforce.contacts.importing.options import CHARACTERS, Options
from wagtail_salesforce.contacts.importing.problems import FileProblem
from wagtail_salesforce.contacts.importing.records import Records


#: Opens the file's bytes at an offset, in chunks.
Opener = Callable[[int], Iterable[bytes]]

SAMPLE = 64 * 1024
SAMPLE_ROWS = 20
MOST_COLUMNS = 500
CODECS = {"windows-1252": "cp1252"}
BOMS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
)
# Workbooks (ZIP), old Excel files and PDFs.
OTHER_FILES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")


@dataclass(frozen=True)
class Layout:
    """How to read a file: Python's codec, the delimiter, the header, and where rows begin."""

    codec: str
    delimiter: str
    header: list[str]
    start: Place

    def records(self, opened: Opener, place: Place | None = None) -> Records:
        """The rows from a place on, or all of them."""
        place = place or self.start
        return Records(Lines(opened(place.offset), self.codec, place), self.delimiter)


def encoding_of(head: bytes) -> str:
    """The encoding that the first bytes of a file suggest, as a key of `ENCODINGS`."""
    return next((name for bom, name, _codec in BOMS if head.startswith(bom)), "utf-8")


def layout_of(opened: Opener, options: Options) -> Layout:
    """Read the beginning of a file. Raises FileProblem when it cannot be imported."""
    head = head_of(opened)
    codec, skipped = codec_of(head, options.encoding)
    text = head[skipped:].decode(codec, "ignore")
    _check(head, text)
    delimiter = CHARACTERS.get(options.delimiter) or recognised_delimiter(text)
    records = Records(Lines(opened(skipped), codec, Place(skipped, 0)), delimiter)
    header = _header(records)
    return Layout(codec, delimiter, header, records.place)


def head_of(opened: Opener) -> bytes:
    """The first bytes of a file."""
    head = b""
    for chunk in opened(0):
        head += chunk[:SAMPLE]
        if len(head) >= SAMPLE:
            break
    return head[:SAMPLE]


def codec_of(head: bytes, encoding: str) -> tuple[str, int]:
    """Python's codec, and how many bytes its byte order mark takes."""
    for bom, name, codec in BOMS:
        if name == encoding and head.startswith(bom):
            return codec, len(bom)
    return ("utf-16-le" if encoding == "utf-16" else CODECS.get(encoding, encoding)), 0


def _check(head: bytes, text: str) -> None:
    if head.startswith(OTHER_FILES) or "\0" in text.split("\n", 1)[0]:
        raise FileProblem("not_csv")
    if not text.strip("\ufeff \t\r\n,;"):
        raise FileProblem("empty_file")


def recognised_delimiter(text: str) -> str:
    """The delimiter among comma, semicolon and tab that divides the first rows best."""
    lines = text.splitlines(keepends=True)
    if len(text) >= SAMPLE // 2 and len(lines) > 1:
        lines.pop()  # it is probably cut off
    return max(CHARACTERS.values(), key=lambda delimiter: _fitness(lines, delimiter))


def _fitness(lines: list[str], delimiter: str) -> tuple[int, int]:
    """How many rows have as many cells as the header, where that is more than one; how many."""
    widths = [len(cells) for cells in islice(_sample(lines, delimiter), SAMPLE_ROWS) if cells]
    width = widths[0] if widths else 0
    return (widths.count(width) * (width > 1), width)


def _sample(lines: list[str], delimiter: str) -> Iterator[list[str]]:
    rows = csv.reader((line.replace("\0", "") for line in lines), delimiter=delimiter, strict=True)
    try:
        yield from rows
    except csv.Error:
        return


def _header(records: Records) -> list[str]:
    row = next(records, None)
    if row is None:
        raise FileProblem("empty_file")
    if row.problem:
        text = _("The header in line %(line)s cannot be read. %(problem)s")
        words = text % {"line": row.line, "problem": row.problem}
        raise FileProblem("no_header", words, line=row.line)
    header = [cell.strip() for cell in row.cells]
    while header and not header[-1]:
        header.pop()
    if len(header) > MOST_COLUMNS or any(map(_is_email, header)):
        raise FileProblem("no_header")
    return header


def _is_email(text: str) -> bool:
    try:
        return bool(valid_email(text))
    except ValueError:
        return False
