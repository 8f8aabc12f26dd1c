"""The CSV of Bulk API 2.0, in and out.

Source: Bulk API 2.0 guide, "Prepare CSV Files": UTF-8, values with a delimiter, a quotation mark
or a line end are quoted, a space beside a quotation mark spoils the row, and the line ends must
be those that the job names.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from .bulk_job import DELIMITERS, LINE_ENDINGS, IngestJob


class BadContent(Exception):
    """The whole upload is unusable; its text is the job's error message."""


def read_content(job: IngestJob) -> None:
    """Fill the job's header and rows from what was uploaded, or raise :class:`BadContent`."""
    text = _decoded(job.content or b"")
    _check_line_ends(job, text)
    delimiter = DELIMITERS[job.delimiter]
    if _is_plain(text, delimiter):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        found = [(row, "") for row in reader if row]
    else:
        found = _slowly(text, delimiter, LINE_ENDINGS[job.line_ending])
    if not found:
        # Assumption bulk-empty: the text of an upload without a header.
        raise BadContent("InvalidBatch : Failed to parse CSV header")
    job.header = found[0][0]
    job.rows = [cells for cells, _ in found[1:]]
    job.malformed = {number: wrong for number, (_, wrong) in enumerate(found[1:]) if wrong}


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        # Assumption bulk-encoding: the text for bytes that are not UTF-8.
        raise BadContent("InvalidBatch : Failed to parse CSV: invalid UTF-8") from wrong


def _check_line_ends(job: IngestJob, text: str) -> None:
    head, ended, _ = text.partition("\n")
    found = "CRLF" if head.endswith("\r") else "LF"
    if ended and found != job.line_ending:
        raise BadContent(
            f"LineEnding is invalid on user data. Current LineEnding setting is {job.line_ending}"
        )


def _is_plain(text: str, delimiter: str) -> bool:
    """Whether no cell can be malformed, so that the csv module reads it as Salesforce does."""
    if '"' not in text:
        return True
    mark = re.escape(delimiter)
    beside = rf'(?:^|[{mark}\n])[^"{mark}\r\n]+"|"[ \t]+(?:[{mark}\r\n]|$)|"[^"{mark}\r\n]+$'
    return re.search(beside, text) is None


def _slowly(text: str, delimiter: str, ending: str) -> list[tuple[list[str], str]]:
    """Row by row, so that only the malformed ones are lost."""
    mark = re.escape(delimiter)
    cell = re.compile(rf'(?:"((?:[^"]|"")*)"|([^"{mark}\r\n]*))({mark}|{re.escape(ending)}|$)')
    rows: list[tuple[list[str], str]] = []
    at, cells = 0, list[str]()
    while at < len(text):
        match = cell.match(text, at)
        if match is None:
            end = text.find(ending, at)
            # Assumption bulk-malformed-row: code and text; only that the row fails is documented.
            rows.append((cells, "CLIENT_ERROR:Failed to parse CSV row --"))
            at, cells = (len(text) if end < 0 else end + len(ending)), []
            continue
        quoted = match[1]
        cells.append(match[2] if quoted is None else quoted.replace('""', '"'))
        at = match.end()
        if match[3] != delimiter:
            rows.append((cells, ""))
            cells = []
    return [(row, wrong) for row, wrong in rows if wrong or row != [""]]


def write_csv(
    own: Sequence[str], columns: Sequence[str], rows: Iterable[Sequence[str]], job: IngestJob
) -> bytes:
    """A file of results; as recorded, of the header only our own columns are quoted."""
    delimiter, ending = DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending]
    out = io.StringIO(newline="")
    head = [f'"{name}"' for name in own] + list(columns)
    out.write(delimiter.join(head) + ending)
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator=ending)
    writer.writerows(rows)
    return out.getvalue().encode()
