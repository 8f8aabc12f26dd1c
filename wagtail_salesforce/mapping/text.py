"""Texts as Salesforce takes them: without control characters, trimmed, and of the right length."""

from __future__ import annotations

import re
import unicodedata


# What Salesforce's XML-based core cannot hold: control characters (XML 1.0, "Characters") with
# the C1 block, lone surrogates (which have no UTF-8 form) and the two non-characters.
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
_ODD_BREAKS = re.compile("[\x0b\x0c\x85\u2028\u2029]")

ZERO_WIDTH_JOINER = "\u200d"
# How far back a cut may move to keep one visible character whole.
_FURTHEST_BACK = 32


def clean(text: str, *, multiline: bool) -> str:
    """The text without what Salesforce cannot hold, and without blanks around it.

    In single-line fields a run of line breaks and tabs becomes one blank; in text areas line
    breaks stay as they are. Blanks around a text are never stored (SOAP guide: string values
    have no leading or trailing white space), so a text of blanks only is empty.
    """
    if text.isprintable():
        return text.strip()
    text = _UNWANTED.sub("", text)
    text = _ODD_BREAKS.sub("\n", text) if multiline else _BREAKS.sub(" ", text)
    return text.strip()


def units(text: str) -> int:
    """The length as counted here: a character outside the basic plane (most emoji) counts two.

    How Salesforce counts those is not documented; counted as two, a text fits either way.
    """
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def shorten(text: str, length: int) -> str:
    """The longest beginning of at most `length` units that cuts no character in two.

    Never inside a code point, and not between a letter and its accents or inside a joined emoji
    or flag, as long as moving back a little avoids it.
    """
    if len(text) * 2 <= length or units(text) <= length:
        return text
    # The half of a pair that a cut may leave at the end is dropped by the decoder.
    half = text[:length].encode("utf-16-le")[: 2 * length]
    end = len(half.decode("utf-16-le", "ignore"))
    return text[: _boundary(text, end)]


def _boundary(text: str, end: int) -> int:
    for place in range(end, max(end - _FURTHEST_BACK, 0), -1):
        if not _joined(text, place):
            return place
    return end


def _joined(text: str, place: int) -> bool:
    """Whether the characters before and after a place are seen as one."""
    before, after = text[place - 1], text[place]
    if after < "\u0300" and before < "\u0300":
        return before == "\r" and after == "\n"
    if _is_flag_letter(after) and _is_flag_letter(before):
        return _flag_letters_before(text, place) % 2 == 1
    return before == ZERO_WIDTH_JOINER or _extends(after)


def _extends(character: str) -> bool:
    """A combining mark, variation selector, joiner, skin tone or tag of the character before."""
    return (
        character == ZERO_WIDTH_JOINER
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
        or unicodedata.category(character)[0] == "M"
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_letters_before(text: str, place: int) -> int:
    count = 0
    while count < min(place, _FURTHEST_BACK) and _is_flag_letter(text[place - 1 - count]):
        count += 1
    return count
