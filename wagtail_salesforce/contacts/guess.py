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
# Boxes to tick.
BOXES = {"checkbox"}
# A whole name in one field, to be split: a target beside the contact fields.
FULL_NAME = "full_name"
DATES = {"date", "datetime"}
NAME_PARTS = {"first_name", "middle_name", "last_name"}
NUMERIC = {"postal_code", "business_phone", "mobile_phone"}


class Consent(NamedTuple):
    """The checkbox by which visitors consent, and the attribute that it sets to yes."""

    field: str = ""
    attribute: str = ""


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
    # Fields for the parts of a name come before one for all of it.
    for match in sorted(_matches(fields), key=_rank):
        if match.name not in found and not _is_filled(match.target, found.values()):
            found[match.name] = match.target
    _place_single_name(fields, found)
    guess = {field.name: _target(found[field.name]) for field in fields if field.name in found}
    return guess | _attributes(fields, found, attributes or {})


def guess_consent(form_fields: Iterable[Any], attributes: Mapping[str, str]) -> Consent:
    """The checkbox that asks for consent, and the attribute it sets; empty when there is none.

    `attributes` are labels of attributes of the type "yes or no" by name. The attribute is the
    one of the same name or label, else one that is called like a consent.
    """
    boxes = [field for field in map(_Field.of, form_fields) if field.type in BOXES]
    ranked = sorted(boxes, key=_consent_score, reverse=True)
    if not ranked or not _consent_score(ranked[0]):
        return Consent()
    texts = {name: _texts(label, name) for name, label in attributes.items()}
    same = [name for name in texts if set(texts[name]).intersection(ranked[0].texts)]
    alike = [name for name in texts if _has_any_text(texts[name], "CONSENTS")]
    return Consent(ranked[0].name, next(iter([*same, *alike]), ""))


def _consent_score(field: _Field) -> int:
    return max(_similarity(text, _words("CONSENTS")) for text in field.texts)


def _target(name: str) -> dict[str, str]:
    return {"split": name} if name == FULL_NAME else {"field": name}


class _Field(NamedTuple):
    name: str
    type: str
    texts: tuple[str, ...]

    @classmethod
    def of(cls, field: Any) -> _Field:
        name = getattr(field, "clean_name", "") or field.name
        kind = getattr(field, "field_type", "") or getattr(field, "type", "")
        return cls(name, kind, _texts(str(field.label), name))


def _texts(label: str, name: str) -> tuple[str, ...]:
    return tuple(map(_without_fillers, (label, name)))


def _matches(fields: list[_Field]) -> Iterable[_Match]:
    for position, field in enumerate(fields):
        for target in (*guess_words.WORDS, FULL_NAME):
            score = _score(field, target)
            if score > 0 and _fits(field.type, target):
                yield _Match(score, position, field.name, target)


def _rank(match: _Match) -> tuple[int, bool, int]:
    return -match.score, match.target == FULL_NAME, match.position


def _is_filled(target: str, found: Iterable[str]) -> bool:
    """Whether a target, or a part of it, is filled already."""
    if target == FULL_NAME:
        return not NAME_PARTS.union({FULL_NAME}).isdisjoint(found)
    return target in found or (target in NAME_PARTS and FULL_NAME in found)


def _score(field: _Field, target: str) -> int:
    score = max(_similarity(text, _phrases(target)) for text in field.texts)
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
    """A field called just "name": the first name beside a last name, else the whole name, which
    is the last name where another field holds the first."""
    taken_already = set(found.values())
    if FULL_NAME in taken_already:
        return
    target = "first_name" if "last_name" in taken_already else FULL_NAME
    if target == FULL_NAME and taken_already.intersection(NAME_PARTS):
        target = "last_name"
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
    return _has_any_text(field.texts, words)


def _has_any_text(texts: Iterable[str], words: str) -> bool:
    return any(_contains(text, word) for text in texts for word in _words(words))


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
    return _words("WHOLE_NAMES") if target == FULL_NAME else _parsed(guess_words.WORDS[target])


def _parsed(text: str) -> dict[str, bool]:
    """The phrases of a list, each with whether it must be all there is."""
    phrases = [" ".join(phrase.split()) for phrase in text.split(",")]
    return {_plain(phrase): phrase.startswith("=") for phrase in phrases}
