"""Lines of text from chunks of bytes, with their places in the file, in flat memory."""

from __future__ import annotations

import codecs
import io
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.importing.problems import FileProblem


#: The longest line that is read; a longer one is passed over without being kept.
MAX_LINE = 1024 * 1024


@dataclass(frozen=True)
class Place:
    """A place between two lines: so many bytes and so many lines from the beginning."""

    offset: int = 0
    line: int = 0


@dataclass(frozen=True)
class TooLong:
    """A line that was too long to be kept: so many bytes."""

    size: int


Line = str | TooLong


class Lines(Iterator[Line]):
    """The lines of a file from a place on, each with its line end.

    `chunks` are the bytes from that place on, `codec` one of Python's names with a fixed byte
    order. Raises FileProblem naming the line where the bytes are not in that encoding.
    """

    def __init__(self, chunks: Iterable[bytes], codec: str, start: Place | None = None) -> None:
        start = start or Place()
        self.offset, self.line, self.codec = start.offset, start.line, codec
        self._chunks = iter(chunks)
        self._decoder = codecs.getincrementaldecoder(codec)("strict")
        self._ready: deque[Line] = deque()
        self._rest = ""
        self._skipped = 0
        self._ended = False

    @property
    def place(self) -> Place:
        """Behind the last line handed out."""
        return Place(self.offset, self.line)

    def __next__(self) -> Line:
        while not self._ready:
            if self._ended:
                raise StopIteration
            self._read()
        line = self._ready.popleft()
        self.line += 1
        self.offset += self._size(line)
        return line

    def give_back(self, lines: list[Line]) -> None:
        """Lines that were taken last, to be handed out once more."""
        self._ready.extendleft(reversed(lines))
        self.line -= len(lines)
        self.offset -= sum(map(self._size, lines))

    def _size(self, line: Line) -> int:
        return line.size if isinstance(line, TooLong) else len(line.encode(self.codec))

    def _read(self) -> None:
        chunk = next(self._chunks, None)
        self._ended = chunk is None
        text = self._rest + self._decoded(chunk or b"")
        self._rest = ""
        if self._skipped:
            text = self._skip(text)
        lines = io.StringIO(text, newline="").readlines()
        # A carriage return at the end may be half a line end.
        if lines and not self._ended and not lines[-1].endswith("\n"):
            self._keep(lines.pop())
        self._ready.extend(
            line if len(line) <= MAX_LINE else self._too_long(line) for line in lines
        )

    def _keep(self, rest: str) -> None:
        """The beginning of a line, until the next chunk; of one that is too long, its size."""
        if self._skipped or len(rest) > MAX_LINE:
            kept = "\r" if rest.endswith("\r") else ""
            self._skipped += len(rest.removesuffix("\r").encode(self.codec))
            rest = kept
        self._rest = rest

    def _too_long(self, line: str) -> TooLong:
        return TooLong(len(line.encode(self.codec)))

    def _skip(self, text: str) -> str:
        """What follows the line that is too long, or all of it while its end is not there."""
        first = io.StringIO(text, newline="").readline()
        complete = self._ended or first.endswith("\n") or len(first) < len(text)
        if not complete:
            return text
        self._ready.append(TooLong(self._skipped + len(first.encode(self.codec))))
        self._skipped = 0
        return text[len(first) :]

    def _decoded(self, chunk: bytes) -> str:
        try:
            return self._decoder.decode(chunk, final=self._ended)
        except UnicodeDecodeError as error:
            before = self._rest + error.object[: error.start].decode(self.codec)
            line = self.line + len(self._ready) + len(_endings(before)) + 1
            raise wrong_encoding(line) from None


def _endings(text: str) -> list[str]:
    lines = io.StringIO(text, newline="").readlines()
    return [line for line in lines if line.endswith(("\r", "\n"))]


def wrong_encoding(line: int) -> FileProblem:
    """The bytes of this line are not in the encoding that was chosen."""
    text = _("Line %(line)s holds bytes that do not belong to the chosen encoding.")
    return FileProblem("wrong_encoding", text % {"line": line}, line=line)
