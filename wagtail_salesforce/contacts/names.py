"""Splits the full name that somebody typed into first, middle and last name.

The one place that knows nameparser, whose versions 1 and 2 differ in what they return and in
how they order names in Chinese, Japanese and Korean characters.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from wagtail_salesforce.contacts.values import clean_text


# What a form may split: the target {"split": "full_name"} and the contact fields it fills.
FULL_NAME = "full_name"
NAME_FIELDS = ("first_name", "middle_name", "last_name")

# Longer texts are no names; they are not worth taking apart.
LONGEST = 300

# Only these are taken for titles: "Dean", "King" and "Major" are first names as well.
_TITLES = """mr mrs ms miss mx dr prof professor doctor sir madam dame rev reverend hon herr frau
    fraulein ing dipl mag med phil monsieur madame mademoiselle mme mlle senor senora senorita
    sr sra srta signor signora signorina sig dott dottssa don dona dhr mevr mevrouw meneer pan pani
    and und et y e i &"""
# Part of a last name wherever somebody writes it; other suffixes are degrees and orders.
_GENERATIONS = "jr sr junior senior ii iii iv v"
TITLES, GENERATIONS = frozenset(_TITLES.split()), frozenset(_GENERATIONS.split())

_CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
# The family name stands first: "山田 太郎".
_FAMILY_FIRST = re.compile(rf"([{_CJK}]+)[\s\u30fb]+([{_CJK}]+)\Z")


@dataclass(frozen=True)
class SplitName:
    """A full name in parts. `left_out` are titles, degrees and nicknames, which no field takes."""

    first: str = ""
    middle: str = ""
    last: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def fields(self) -> dict[str, str]:
        """The parts by contact field."""
        return dict(zip(NAME_FIELDS, (self.first, self.middle, self.last), strict=True))


def split_name(text: str) -> SplitName:
    """A full name in parts; no word of it is lost.

    A single word is the last name, which Salesforce requires. What cannot be taken apart
    without losing a word is divided before its last word.
    """
    text = " ".join(clean_text(text).split())
    if len(text) > LONGEST:
        return SplitName(last=text)
    if match := _FAMILY_FIRST.match(text):
        return SplitName(first=match[2], last=match[1])
    parts = _tidied(_parsed(text))
    return parts if _words(_joined(parts)) == _words(text) else _divided(text)


def _parsed(text: str) -> dict[str, str]:
    """The parts as nameparser sees them: title, first, middle, last, suffix, nickname, maiden."""
    from nameparser import HumanName

    return {name: part or "" for name, part in HumanName(text).as_dict().items()}


def _tidied(parts: dict[str, str]) -> SplitName:
    """The parts in three fields."""
    first, last = parts["first"], parts["last"]
    titles, names = _sorted_out(parts["title"], TITLES)
    degrees, generations = _sorted_out(parts["suffix"], GENERATIONS, keep=True)
    first = " ".join(filter(None, (*names, first)))
    if not last:
        first, last = "", first
    last = " ".join(filter(None, (last, *generations)))
    more = (parts.get("nickname", ""), parts.get("maiden", ""))
    left_out = tuple(filter(None, (*titles, *degrees, *more)))
    return SplitName(first, parts["middle"], last, left_out)


def _sorted_out(
    text: str, known: frozenset[str], *, keep: bool = False
) -> tuple[list[str], list[str]]:
    """The words that are left out and those that are kept: the known ones, or the others."""
    words = [word.strip(",") for word in text.split()]
    found = [word for word in words if _bare(word) in known]
    others = [word for word in words if _bare(word) not in known]
    return (others, found) if keep else (found, others)


def _bare(word: str) -> str:
    return word.replace(".", "").casefold() or word


def _joined(name: SplitName) -> str:
    return " ".join((*name.left_out, name.first, name.middle, name.last))


def _words(text: str) -> Counter[str]:
    """The words of a text with how often each occurs, whatever stands between them."""
    return Counter(re.findall(r"\w+", text))


def _divided(text: str) -> SplitName:
    first, _space, last = text.rpartition(" ")
    return SplitName(first=first, last=last)
