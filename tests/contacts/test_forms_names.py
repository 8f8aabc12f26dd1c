"""A full name in one form field is split into first, middle and last name, by choice."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.contacts.making import connect, make_form, submit
from wagtail_salesforce.contacts.connections import problems
from wagtail_salesforce.contacts.models import Activity, Contact
from wagtail_salesforce.contacts.names import split_name


EMAIL = {"e_mail": {"field": "email"}}
SPLIT = {**EMAIL, "name": {"split": "full_name"}}


@pytest.mark.parametrize(
    ("text", "first", "middle", "last", "left_out"),
    [
        ("Ada Lovelace", "Ada", "", "Lovelace", ""),
        ("  Ada   King  Lovelace ", "Ada", "King", "Lovelace", ""),
        ("Lovelace, Ada", "Ada", "", "Lovelace", ""),
        ("Madonna", "", "", "Madonna", ""),
        ("Vincent van Gogh", "Vincent", "", "van Gogh", ""),
        ("Juan de la Vega", "Juan", "", "de la Vega", ""),
        ("Martin Luther King, Jr.", "Martin", "Luther", "King Jr.", ""),
        ("John Smith III", "John", "", "Smith III", ""),
        ("Prof. Dr. Max Müller-Schmidt", "Max", "", "Müller-Schmidt", "Prof. Dr."),
        ("Herr Max Muster", "Max", "", "Muster", "Herr"),
        ("Dr. Lovelace", "", "", "Lovelace", "Dr."),
        ("Ada Lovelace PhD", "Ada", "", "Lovelace", "PhD"),
        ('Ada "Countess" Lovelace', "Ada", "", "Lovelace", "Countess"),
        # Titles that are first names as well.
        ("Dean Martin", "Dean", "", "Martin", ""),
        # The family name stands first, whatever the version of nameparser.
        ("山田 太郎", "太郎", "", "山田", ""),
        ("김 철수", "철수", "", "김", ""),
        ("山田太郎", "", "", "山田太郎", ""),
        ("", "", "", "", ""),
        ("x" * 301, "", "", "x" * 301, ""),
    ],
)
def test_names_in_parts(text, first, middle, last, left_out):
    name = split_name(text)
    found = (name.first, name.middle, name.last, " ".join(name.left_out))
    assert found == (first, middle, last, left_out)


WORDS = st.text(st.characters(categories=["L", "M", "N"]), min_size=1, max_size=12)
SIGNS = st.sampled_from(
    [" ", ", ", " - ", ". ", ' "', '" ', " (", ") ", "Dr. ", " PhD", " van ", " & ", " jr", "'"]
)


@given(st.lists(WORDS | SIGNS, max_size=12).map("".join) | st.text(max_size=40))
@example("Ada, Lovelace, King, PhD")
@example("((")
@example("née and")
def test_no_word_is_lost(text):
    name = split_name(text)
    joined = " ".join((*name.left_out, name.first, name.middle, name.last))
    # NUL and halves of surrogate pairs are what no database stores.
    clean = re.sub("[\x00\ud800-\udfff]", "", text)
    assert Counter(re.findall(r"\w+", joined)) == Counter(re.findall(r"\w+", clean))


@pytest.mark.django_db
def test_a_form_fills_the_parts():
    page = make_form(fields=[("E-mail", "email"), ("Name", "singleline")])
    connect(page, SPLIT)
    submit(page, e_mail="ada@example.org", name="Dr. Ada King Lovelace")

    contact = Contact.objects.get()
    assert (contact.first_name, contact.middle_name, contact.last_name) == (
        "Ada",
        "King",
        "Lovelace",
    )
    assert Activity.objects.get().comment == "A title, degree or nickname in the name was left out."


@pytest.mark.django_db
def test_parts_fill_only_what_is_empty_and_are_shortened():
    Contact.objects.create(email="ada@example.org", last_name="Byron")
    page = make_form(fields=[("E-mail", "email"), ("Name", "singleline")])
    connect(page, SPLIT)
    submit(page, e_mail="ada@example.org", name=f"{'A' * 120} Lovelace")

    contact = Contact.objects.get()
    assert (contact.first_name, contact.last_name) == ("A" * 100, "Byron")
    assert "First name was shortened from 120 to 100" in Activity.objects.get().comment


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        ({"a": {"split": "name"}}, "a", 'Only "full_name" can be split.'),
        ({"a": {"split": "full_name"}, "b": {"field": "last_name"}}, "a", "fill full_name"),
        ({"a": {"split": "full_name"}, "b": {"split": "full_name"}}, "a", "fill full_name"),
    ],
)
def test_a_split_that_cannot_work_is_refused(fields, path, message):
    found = problems({**EMAIL, **fields}, attributes=set())
    assert (found[0].path, message in found[0].message) == (path, True), found
    assert problems(SPLIT, attributes=set()) == []
