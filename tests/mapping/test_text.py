"""Texts: cleaned, trimmed, shortened by characters and never inside one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_salesforce.mapping.text import clean, shorten, units


ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=120)
EMOJI = st.sampled_from(
    ["👍", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "🇫🇷", "é", "é", "न्", "ß", "字", "a", "\r\n", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]
)


@pytest.mark.parametrize(
    ("given", "single", "multiple"),
    [
        ("  Doe ", "Doe", "Doe"),
        ("a\x00b", "ab", "ab"),
        ("a\x07\x1b[31mb", "a[31mb", "a[31mb"),
        ("a\r\nb", "a b", "a\r\nb"),
        ("a\n\n\tb", "a b", "a\n\n\tb"),
        ("a\u2028b", "a b", "a\nb"),
        ("a\ud83db", "ab", "ab"),
        ("a\uffffb\x85", "ab", "ab"),
        ("\u00a0 \n", "", ""),
        ("\x00", "", ""),
        ("Łódź 東京", "Łódź 東京", "Łódź 東京"),
        ("👨‍👩‍👧", "👨‍👩‍👧", "👨‍👩‍👧"),
    ],
)
def test_clean(given, single, multiple):
    assert clean(given, multiline=False) == single
    assert clean(given, multiline=True) == multiple


@pytest.mark.parametrize(
    ("given", "length", "expected"),
    [
        ("abcdef", 3, "abc"),
        ("abc", 3, "abc"),
        ("😀😀", 3, "😀"),
        ("😀😀", 4, "😀😀"),
        ("a😀", 2, "a"),
        ("ab\u0301c", 2, "a"),
        ("x👍🏽", 3, "x"),
        ("x👍🏽", 5, "x👍🏽"),
        ("a👨‍👩‍👧", 6, "a"),
        ("🇩🇪🇫🇷", 6, "🇩🇪"),
        ("a🇩🇪🇫🇷", 7, "a🇩🇪"),
        ("a\r\nb", 2, "a"),
        ("字字字", 2, "字字"),
    ],
)
def test_shorten(given, length, expected):
    assert shorten(given, length) == expected


def test_one_endless_character_is_cut_all_the_same():
    text = "a" + "\u0301" * 200
    assert units(shorten(text, 100)) == 100


@given(ANY_TEXT, st.booleans())
def test_what_is_clean_can_be_sent(text, multiline):
    cleaned = clean(text, multiline=multiline)
    cleaned.encode("utf-8")
    assert cleaned == cleaned.strip()
    assert clean(cleaned, multiline=multiline) == cleaned
    allowed = "\r\n\t" if multiline else ""
    assert not [c for c in cleaned if unicodedata.category(c) in ("Cc", "Cs") and c not in allowed]


@given(ANY_TEXT.map(lambda text: clean(text, multiline=True)), st.integers(1, 60))
def test_a_shortened_text_is_a_beginning_that_fits(text, length):
    short = shorten(text, length)
    assert text.startswith(short)
    assert units(short) == len(short.encode("utf-16-le")) // 2 <= length
    short.encode("utf-8")
    if units(text) <= length:
        assert short == text


@given(st.lists(EMOJI, max_size=20), st.integers(20, 60))
def test_joined_characters_stay_whole(parts, length):
    """Cut where the next character would begin, whatever the character is made of."""
    starts = {0}
    for part in parts:
        starts.add(max(starts) + len(part))
    text = "".join(parts)
    flags_apart = not any(
        a in "🇩🇪🇫🇷" and b in "🇩🇪🇫🇷" for a, b in zip(parts, parts[1:], strict=False)
    )
    if flags_apart:
        assert len(shorten(text, length)) in starts
