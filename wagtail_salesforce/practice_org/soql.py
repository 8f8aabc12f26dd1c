"""A small, honest SOQL parser: what it does not know is a MALFORMED_QUERY.

It reads ``SELECT fields | COUNT() FROM object [WHERE …] [ORDER BY …] [LIMIT n] [OFFSET n]``.
Source: SOQL reference, "SELECT Syntax", "Condition Expression Syntax".
"""

from dataclasses import dataclass, field
from typing import Any

from .errors import ApiError
from .soql_lexer import SoqlError, Word, read_words, unquote


LONGEST = 100_000
KEYWORDS = frozenset({"FROM", "WHERE", "ORDER", "LIMIT", "OFFSET", "AND", "OR", "SELECT"})
SIGNS = ("=", "!=", "<>", "<", ">", "<=", ">=")


@dataclass(frozen=True)
class Comparison:
    """``field operator value``; the value of IN and NOT IN is a list."""

    name: Word
    operator: str
    value: Any


@dataclass(frozen=True)
class Value:
    """A literal with its kind: string, number, date, datetime, boolean, null or a date word."""

    kind: str
    value: Any
    word: Word


@dataclass(frozen=True)
class Junction:
    """Conditions joined by AND or OR."""

    kind: str
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Negation:
    """NOT condition."""

    part: "Condition"


Condition = Comparison | Junction | Negation


@dataclass(frozen=True)
class Ordering:
    """One part of ORDER BY."""

    name: Word
    descending: bool
    nulls_last: bool


@dataclass
class Statement:
    """A parsed statement."""

    soql: str
    fields: list[Word] = field(default_factory=list)
    count: bool = False
    source: Word = Word("end", "", 0)
    where: Condition | None = None
    order: list[Ordering] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0

    def error(self, word: Word, code: str, text: str) -> SoqlError:
        """An error at a word of this statement."""
        return SoqlError(self.soql, word.position, code, text)


def parse(soql: str) -> Statement:
    """Parse a statement or refuse it."""
    if not soql.strip():
        # Assumption soql-texts: the text when there is no statement at all.
        raise ApiError(400, "MALFORMED_QUERY", "A query string has to be specified")
    if len(soql) > LONGEST:
        # Assumption soql-texts: code and text; the limit is documented.
        raise ApiError(400, "MALFORMED_QUERY", "SOQL statements cannot be longer than 100,000")
    return _Parser(soql).statement()


class _Parser:
    def __init__(self, soql: str) -> None:
        self.soql = soql
        self.words = read_words(soql)
        self.at = 0

    @property
    def word(self) -> Word:
        return self.words[self.at]

    def unexpected(self) -> SoqlError:
        text = f"unexpected token: '{self.word.text}'"
        return SoqlError(self.soql, self.word.position, "MALFORMED_QUERY", text)

    def next(self) -> Word:
        word = self.word
        self.at = min(self.at + 1, len(self.words) - 1)
        return word

    def accept(self, *texts: str) -> bool:
        """Step over keywords or signs if they stand here one after the other."""
        following = self.words[self.at : self.at + len(texts)]
        if len(following) == len(texts) and all(
            word.is_word(text) for word, text in zip(following, texts, strict=True)
        ):
            self.at += len(texts)
            return True
        return False

    def expect(self, *texts: str) -> None:
        for text in texts:
            if not self.accept(text):
                raise self.unexpected()

    def name(self) -> Word:
        if self.word.kind != "name" or self.word.text.upper() in KEYWORDS:
            raise self.unexpected()
        return self.next()

    def statement(self) -> Statement:
        statement = Statement(self.soql)
        self.expect("SELECT")
        if self.accept("COUNT", "(", ")"):
            statement.count = True
        else:
            statement.fields = self.names()
        self.expect("FROM")
        statement.source = self.name()
        if self.accept("WHERE"):
            statement.where = self.condition()
        if self.accept("ORDER", "BY"):
            statement.order = self.orderings()
        statement.limit = self.number() if self.accept("LIMIT") else None
        statement.offset = self.number() if self.accept("OFFSET") else 0
        if self.word.kind != "end":
            raise self.unexpected()
        return statement

    def names(self) -> list[Word]:
        names = [self.name()]
        while self.accept(","):
            names.append(self.name())
        return names

    def number(self) -> int:
        if self.word.kind != "number" or not self.word.text.isdigit():
            raise self.unexpected()
        return int(self.next().text)

    def condition(self) -> Condition:
        """Parts joined by one kind of junction; mixing needs parentheses."""
        parts = [self.part()]
        kind = next((each for each in ("AND", "OR") if self.word.is_word(each)), "")
        while kind and self.accept(kind):
            parts.append(self.part())
        # Assumption soql-and-or: AND and OR side by side are refused, as general knowledge has it.
        if self.word.is_word("AND", "OR"):
            raise self.unexpected()
        return parts[0] if len(parts) == 1 else Junction(kind, tuple(parts))

    def part(self) -> Condition:
        if self.accept("NOT"):
            return Negation(self.part())
        if self.accept("("):
            inner = self.condition()
            self.expect(")")
            return inner
        return self.comparison()

    def comparison(self) -> Comparison:
        name = self.name()
        if self.accept("LIKE"):
            return Comparison(name, "LIKE", self.value())
        if self.accept("NOT", "IN"):
            return Comparison(name, "NOT IN", self.values())
        if self.accept("IN"):
            return Comparison(name, "IN", self.values())
        if self.word.kind != "sign" or self.word.text not in SIGNS:
            raise self.unexpected()
        sign = self.next().text
        return Comparison(name, "!=" if sign == "<>" else sign, self.value())

    def values(self) -> list[Value]:
        self.expect("(")
        values = [self.value()]
        while self.accept(","):
            values.append(self.value())
        self.expect(")")
        return values

    def value(self) -> Value:
        word = self.word
        if word.kind == "string":
            return Value("string", unquote(self.next().text), word)
        if word.kind == "number":
            return Value("number", float(self.next().text), word)
        if word.kind in ("date", "datetime"):
            return Value(word.kind, self.next().text, word)
        if word.is_word("TRUE", "FALSE"):
            return Value("boolean", self.next().text.upper() == "TRUE", word)
        if word.is_word("NULL"):
            self.next()
            return Value("null", None, word)
        if word.kind == "name" and word.text.upper() not in KEYWORDS:
            return Value("period", self.next().text.upper(), word)
        raise self.unexpected()

    def orderings(self) -> list[Ordering]:
        orderings = [self.ordering()]
        while self.accept(","):
            orderings.append(self.ordering())
        return orderings

    def ordering(self) -> Ordering:
        name = self.name()
        descending = self.accept("DESC") or (self.accept("ASC") and False)
        nulls_last = self.accept("NULLS", "LAST") or (self.accept("NULLS", "FIRST") and False)
        return Ordering(name, descending, nulls_last)
