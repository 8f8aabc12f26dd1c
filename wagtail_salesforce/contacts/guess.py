"""Guesses which contact field each field of a form fills, from names, labels and types.

Pure and cautious: what is not clear is left out, and an editor sees the guess before it counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from wagtail_salesforce.contacts import guess_words


EXACT, WITHIN, BY_TYPE = 200, 100, 50
PENALTY = 90
# The types of form fields that hold several answers, or none that a contact field takes.
UNFIT = {"checkbox", "checkboxes", "multiselect", "url", "file", "image", "document"}
CHOICES = {"dropdown", "radio"}
CHOSEN = {"country", "state", "gender", "city", "job_title", "company_name", "campaign"}
DATES = {"date", "datetime"}
NUMERIC = {"postal_code", "business_phone", "mobile_phone"}


class _Match(NamedTuple):
    score: int
    position: int
    name: str
    target: str


def guess_fields(
    form_fields: Iterable[Any], attributes: Mapping[str, str] | None = None
) -> dict[str, dict[str, str]]:
    """Which contact field each form field fills, as the `fields` of a form connection.

    A form field has `clean_name`, `label` and `field_type` (or `name` and `type`), as Wagtail's
    have. `attributes` are labels of attributes by name; they match by name or label only.
    Each contact field is used once, each form field at most once.
    """
    fields = [_Field.of(field) for field in form_fields]
    found: dict[str, str] = {}
    for match in sorted(_matches(fields), key=lambda match: (-match.score, match.position)):
        if match.name not in found and match.target not in found.values():
            found[match.name] = match.target
    _place_single_name(fields, found)
    guess = {field.name: {"field": found[field.name]} for field in fields if field.name in found}
    return guess | _attributes(fields, found, attributes or {})


class _Field(NamedTuple):
    name: str
    type: str
    texts: tuple[str, ...]

    @classmethod
    def of(cls, field: Any) -> _Field:
        name = getattr(field, "clean_name", "") or field.name
        kind = getattr(field, "field_type", "") or getattr(field, "type", "")
        return cls(name, kind, tuple(map(_without_fillers, (str(field.label), name))))


def _matches(fields: list[_Field]) -> Iterable[_Match]:
    for position, field in enumerate(fields):
        for target in guess_words.WORDS:
            score = _score(field, target)
            if score > 0 and _fits(field.type, target):
                yield _Match(score, position, field.name, target)


def _score(field: _Field, target: str) -> int:
    score = max(_similarity(text, _phrases(target)) for text in field.texts)
    if target == "last_name":
        score = max(score, *(_similarity(text, _words("WHOLE_NAMES")) for text in field.texts))
    if (target, field.type) in {("email", "email"), ("notes", "multiline")}:
        score = max(score, BY_TYPE)
    if target == "email" and score:
        score += EXACT  # "company e-mail" is an e-mail address before all
    if target in {"street", "company_name"} and _has_any(field, "OTHER_ADDRESSES"):
        return 0
    return score - PENALTY if score and _has_any(field, "REPEATS") else score


def _similarity(text: str, phrases: Mapping[str, bool]) -> int:
    """How well the best of the phrases fits; longer ones fit better. 0 when none does."""
    best = 0
    for phrase, alone in phrases.items():
        if text.replace(" ", "") == phrase.replace(" ", ""):
            best = max(best, EXACT)
        elif not alone and _contains(text, phrase):
            best = max(best, WITHIN + len(phrase))
    return best


def _contains(text: str, phrase: str) -> bool:
    if phrase.isascii():
        return f" {phrase} " in f" {text} "
    return phrase in text


def _fits(kind: str, target: str) -> bool:
    if kind == "email":
        return target == "email"
    if kind in DATES:
        return target == "birthday"
    if kind in CHOICES:
        return target in CHOSEN
    return target in NUMERIC if kind == "number" else kind not in UNFIT


def _place_single_name(fields: list[_Field], found: dict[str, str]) -> None:
    """A field called just "name": the first name beside a last name, else the whole name."""
    target = "first_name" if "last_name" in found.values() else "last_name"
    for field in fields:
        called_name = any(_similarity(text, _words("NAMES")) for text in field.texts)
        taken = field.name in found or target in found.values()
        if called_name and not taken and _fits(field.type, target):
            found[field.name] = target


def _attributes(
    fields: list[_Field], found: Mapping[str, str], attributes: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    guess: dict[str, dict[str, str]] = {}
    for name, label in attributes.items():
        wanted = {_without_fillers(name), _without_fillers(label)}
        for field in fields:
            if field.name not in {*found, *guess} and wanted.intersection(field.texts):
                guess[field.name] = {"attribute": name}
                break
    return guess


def _has_any(field: _Field, words: str) -> bool:
    return any(_contains(text, word) for text in field.texts for word in _words(words))


def _plain(text: str) -> str:
    """Words in lower case without accents, set apart by single spaces."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", " ", letters).strip()


def _without_fillers(text: str) -> str:
    words = _plain(text).split()
    kept = [word for word in words if word not in _words("FILLERS")]
    return " ".join(kept or words)


@cache
def _words(kind: str) -> dict[str, bool]:
    return _parsed(getattr(guess_words, kind))


@cache
def _phrases(target: str) -> dict[str, bool]:
    return _parsed(guess_words.WORDS[target])


def _parsed(text: str) -> dict[str, bool]:
    """The phrases of a list, each with whether it must be all there is."""
    phrases = [" ".join(phrase.split()) for phrase in text.split(",")]
    return {_plain(phrase): phrase.startswith("=") for phrase in phrases}
