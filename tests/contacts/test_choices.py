"""Attributes of the type choice, and statuses: only what editors have set up is taken over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contacts.making import connect, make_form, submit
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.choices import choice_problems, choices_of, find_choice, pick
from wagtail_salesforce.contacts.connections import connection_for
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Activity, Attribute, Contact, ContactStatus
from wagtail_salesforce.contacts.reading import read
from wagtail_salesforce.contacts.values import to_json, to_python


CHOICES = ("Gold", "Silver", "Größe L")


class TestPure:
    @pytest.mark.parametrize(
        ("typed", "choice"),
        [
            ("Gold", "Gold"),
            ("gold", "Gold"),
            ("  SILVER ", "Silver"),
            ("GRÖSSE l", "Größe L"),
            ("Gro\u0308\u00dfe L", "Größe L"),
            (["gold"], "Gold"),
            ("", None),
            (None, None),
        ],
    )
    def test_what_visitors_send_becomes_the_choice_in_its_own_spelling(self, typed, choice):
        assert read(typed, FieldType.CHOICE, choices=CHOICES) == choice

    @pytest.mark.parametrize("typed", ["Bronze", "Gold; Silver", ["Gold", "Silver"], "Gol", 1])
    def test_what_is_none_is_refused_with_the_choices_and_without_the_value(self, typed):
        with pytest.raises(ValueError, match="^Give one of these choices: Gold, Silver, Größe L.$"):
            read(typed, FieldType.CHOICE, choices=CHOICES)

    def test_the_same_spelling_comes_before_another_case(self):
        assert pick("gold", ["Gold", "gold"]) == "gold"

    def test_a_long_list_is_not_named_in_full(self):
        with pytest.raises(ValueError, match="one of the 30 choices, such as: c0, .*, c19.$"):
            pick("x", [f"c{number}" for number in range(30)])

    def test_without_choices_the_cure_is_to_add_them(self):
        with pytest.raises(ValueError, match="Add them first"):
            read("Gold", FieldType.CHOICE, choices=())

    def test_typed_values_are_one_of_the_choices_where_these_are_known(self):
        assert to_python("Bronze", FieldType.CHOICE) == to_json("Bronze", FieldType.CHOICE)
        assert to_python("Gold", FieldType.CHOICE, CHOICES) == "Gold"
        assert to_python("", FieldType.CHOICE, CHOICES) is None
        for wrong in ("gold", "Bronze"):
            with pytest.raises(ValueError, match="Give one of these choices"):
                to_json(wrong, FieldType.CHOICE, CHOICES)
        with pytest.raises(ValueError, match="Give text"):
            to_python(3, FieldType.CHOICE)

    def test_lines_become_choices(self):
        assert choices_of(" Gold\r\n\n Silver \n") == ("Gold", "Silver")
        assert choices_of("") == ()

    @pytest.mark.parametrize(
        ("choices", "words"),
        [
            ([], ["at least one choice"]),
            (["Gold", "GOLD", "Silver"], ["“GOLD” stands here more than once"]),
            (["x" * 256], ["has more than 255 characters"]),
            (["x" * 255, "Gold"], []),
        ],
    )
    def test_what_is_wrong_with_choices(self, choices, words):
        problems = choice_problems(choices)
        assert len(problems) == len(words)
        assert all(word in problem for word, problem in zip(words, problems, strict=True))

    @given(st.lists(st.text(min_size=1), min_size=1), st.data())
    def test_every_choice_is_found_by_itself_and_in_any_case(self, choices, data):
        choice = data.draw(st.sampled_from(choices))
        assert find_choice(choice, choices) == choice
        assert find_choice(choice.casefold(), [choice]) == choice


@pytest.mark.django_db
class TestForms:
    @pytest.fixture
    def page(self):
        Attribute.objects.create(name="plan", label="Plan", type="choice", choices="Gold\nSilver")
        ContactStatus.objects.create(name="Prospect")
        fields = [("E-mail", "email"), ("Plan", "singleline"), ("Stage", "singleline")]
        page = make_form(fields=fields)
        targets = {"e_mail": {"field": "email"}, "plan": {"attribute": "plan"}}
        connect(page, targets | {"stage": {"field": "status"}})
        return page

    def test_fill_a_choice_and_a_status(self, page):
        submit(page, e_mail="ada@example.org", plan="GOLD", stage="prospect")
        contact = Contact.objects.get()
        assert (contact.attributes, contact.status) == ({"plan": "Gold"}, "Prospect")
        assert Activity.objects.get().comment == ""

    def test_fill_neither_with_what_visitors_make_up(self, page):
        submit(page, e_mail="ada@example.org", plan="Secret!", stage="Your best customer")
        contact = Contact.objects.get()
        assert (contact.attributes, contact.status) == ({}, "")
        comment = Activity.objects.get().comment
        assert "Status was not taken over. Give one of these choices: Prospect." in comment
        assert "plan was not taken over. Give one of these choices: Gold, Silver." in comment
        assert "Secret" not in comment
        assert "customer" not in comment
        assert not ContactStatus.objects.exclude(name="Prospect").exists()

    def test_read_all_of_it_in_one_statement(self, page, django_assert_num_queries):
        with django_assert_num_queries(1):
            found = connection_for(page.pk)
        assert found.attribute_choices == {"plan": "Gold\nSilver"}
        assert found.status_names == ["Prospect"]

    def test_without_statuses_fill_none(self, page):
        ContactStatus.objects.all().delete()
        submit(page, e_mail="ada@example.org", stage="Prospect")
        assert Contact.objects.get().status == ""
        assert "Add them first" in Activity.objects.get().comment


@pytest.mark.django_db
class TestCapture:
    def test_takes_choices_and_statuses_and_notes_what_is_none(self):
        Attribute.objects.create(name="plan", label="Plan", type="choice", choices="Gold\nSilver")
        ContactStatus.objects.create(name="Prospect")
        contact = capture(email="ada@example.org", attributes={"plan": "silver"}, status="PROSPECT")
        assert (contact.attributes, contact.status) == ({"plan": "Silver"}, "Prospect")
        contact = capture(
            email="bob@example.org", attributes={"plan": "Tin"}, status="Friend", city="York"
        )
        assert (contact.attributes, contact.status, contact.city) == ({}, "", "York")
        comment = contact.activities.get().comment
        assert "plan was not taken over." in comment
        assert "Status was not taken over." in comment

    def test_refuses_a_value_of_another_type(self):
        Attribute.objects.create(name="plan", label="Plan", type="choice", choices="Gold")
        with pytest.raises(ValueError, match="plan: Give text"):
            capture(email="ada@example.org", attributes={"plan": 3})
