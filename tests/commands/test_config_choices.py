"""Attributes of the type choice, and statuses, in documents."""

from __future__ import annotations

import json

import pytest

from wagtail_salesforce.config_document import export_document, import_document
from wagtail_salesforce.contacts.models import Attribute, ContactStatus
from wagtail_salesforce.exceptions import InvalidDocument


pytestmark = pytest.mark.django_db

PLAN = {"name": "plan", "label": "Plan", "type": "choice", "choices": ["Gold", "Silver"]}


def document(**attribute):
    return json.dumps({"version": 1, "attributes": [attribute]})


def refused(text):
    with pytest.raises(InvalidDocument) as caught:
        import_document(text)
    return [(problem.path, problem.message) for problem in caught.value.problems]


def test_choices_come_in_and_go_out():
    import_document(document(**PLAN))
    assert Attribute.objects.get().choices == "Gold\nSilver"
    assert export_document()["attributes"] == [{**PLAN, "help_text": ""}]
    import_document(json.dumps({"version": 1, "attributes": export_document()["attributes"]}))
    assert Attribute.objects.get().choices == "Gold\nSilver"


def test_other_attributes_are_exported_without():
    Attribute.objects.create(name="licences", label="Licences", type="integer")
    assert "choices" not in export_document()["attributes"][0]


def test_absent_choices_stay():
    import_document(document(**PLAN))
    import_document(document(name="plan", label="Your plan", type="choice"))
    attribute = Attribute.objects.get()
    assert (attribute.label, attribute.choices) == ("Your plan", "Gold\nSilver")


def test_another_type_takes_them_away():
    import_document(document(**PLAN))
    import_document(document(name="plan", label="Plan", type="text"))
    assert Attribute.objects.get().choices == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"choices": []}, "Give at least one choice"),
        ({"choices": ["Gold", " GOLD "]}, "“GOLD” stands here more than once"),
        ({"choices": ["Gold\nSilver"]}, "Give each choice on its own, on one line."),
        ({"choices": ["x" * 256]}, "more than 255 characters"),
        ({"type": "text"}, "Only attributes of the type choice have choices."),
    ],
)
def test_choices_that_cannot_be_used_are_named_by_their_path(changes, words):
    ((path, message),) = refused(document(**{**PLAN, **changes}))
    assert path == "attributes[0].choices"
    assert words in message
    assert not Attribute.objects.exists()


def test_a_new_choice_attribute_needs_choices():
    ((path, _message),) = refused(document(name="plan", label="Plan", type="choice"))
    assert path == "attributes[0].choices"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"colour": 1}, "attributes[0].colour"),
        ({"choices": "Gold"}, "attributes[0].choices"),
        ({"choices": ["a\x00"]}, "attributes[0].choices[0]"),
    ],
)
def test_the_shape_is_checked(changes, path):
    assert [found for found, _message in refused(document(**{**PLAN, **changes}))] == [path]


class TestStatuses:
    def test_come_in_once_and_go_out(self):
        ContactStatus.objects.create(name="Prospect")
        import_document('{"version": 1, "statuses": ["prospect", "Customer", " CUSTOMER"]}')
        assert export_document()["statuses"] == ["Customer", "Prospect"]
        import_document(json.dumps({"version": 1, "statuses": export_document()["statuses"]}))
        assert ContactStatus.objects.count() == 2

    @pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101, "a\x00", None])
    def test_that_cannot_be_named_are_refused(self, name):
        problems = refused(json.dumps({"version": 1, "statuses": ["Fine", name]}))
        assert [path for path, _message in problems] == ["statuses[1]"]
        assert not ContactStatus.objects.exists()
