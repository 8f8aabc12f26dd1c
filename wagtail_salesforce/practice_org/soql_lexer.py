"""The words of a SOQL statement, and the errors that point into it.

Source: SOQL reference; REST guide, "Query". The recorded shape of an error quotes the statement
around the word at fault with a caret below it.
"""

import re
from dataclasses import dataclass

from .errors import ApiError


BEFORE, AFTER = 32, 40
WORD = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:?\d{2}))
    | (?P<date>\d{4}-\d{2}-\d{2})
    | (?P<number>[+-]?\d+(?:\.\d+)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*(?::\d+)?)
    | (?P<sign>!=|<>|<=|>=|=|<|>|\(|\)|,)
    )""",
    re.VERBOSE | re.ASCII,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


@dataclass(frozen=True)
class Word:
    """One word: its kind, its text and where it stands."""

    kind: str
    text: str
    position: int

    def is_word(self, *texts: str) -> bool:
        """Whether this is one of these keywords or signs."""
        return self.kind in ("name", "sign") and self.text.upper() in texts


class SoqlError(ApiError):
    """An error at one place of a statement."""

    def __init__(self, soql: str, position: int, code: str, text: str) -> None:
        row = soql.count("\n", 0, position) + 1
        column = position - soql.rfind("\n", 0, position)
        # Assumption soql-excerpt: how much of the statement is quoted around the place.
        start = max(position - BEFORE, soql.rfind("\n", 0, position) + 1)
        excerpt = soql[start : position + AFTER].partition("\n")[0]
        caret = " " * (position - start) + "^"
        place = f"\n{excerpt}\n{caret}\nERROR at Row:{row}:Column:{column}\n"
        super().__init__(400, code, place + text)


def read_words(soql: str) -> list[Word]:
    """All words, with an end mark behind the last."""
    words: list[Word] = []
    position = 0
    while soql[position:].strip():
        match = WORD.match(soql, position)
        if match is None or match.lastgroup is None:
            start = position + len(soql[position:]) - len(soql[position:].lstrip())
            raise SoqlError(soql, start, "MALFORMED_QUERY", f"unexpected token: '{soql[start]}'")
        kind = match.lastgroup
        words.append(Word(kind, match[kind], match.start(kind)))
        position = match.end()
    return [*words, Word("end", "<EOF>", len(soql))]


def unquote(text: str) -> str:
    """The text of a quoted string; the escapes of LIKE stay for LIKE to read."""
    return re.sub(r"\\(.)", _unescape, text[1:-1], flags=re.DOTALL)


def _unescape(match: re.Match[str]) -> str:
    char = match[1]
    return match[0] if char in "%_" else ESCAPES.get(char, char)
