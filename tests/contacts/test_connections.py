from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from tests.contacts.making import QUOTE_TARGETS, connect, make_form
from tests.testapp.models import FormField
from wagtail_salesforce.contacts.connections import (
    connection_for,
    dangling,
    form_fields,
    problems,
)
from wagtail_salesforce.contacts.models import ActivityType, Attribute, FormConnection


EMAIL = {"e_mail": {"field": "email"}}


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        ([], "", "must be an object"),
        ({}, "", "Choose the form field that holds the e-mail address."),
        ({"a": {"field": "last_name"}}, "", "Choose the form field that holds the e-mail"),
        ({**EMAIL, "a": "email"}, "a", '"a" must say {"field": name}, {"attribute": name} or'),
        ({**EMAIL, "a": {}}, "a", "must say"),
        ({**EMAIL, "a": {"field": "city", "attribute": "x"}}, "a", "must say"),
        ({**EMAIL, "a": {"column": "city"}}, "a", "must say"),
        ({**EMAIL, "a": {"field": "nickname"}}, "a", '"nickname", which is no contact field'),
        ({**EMAIL, "a": {"field": "created_at"}}, "a", '"created_at", which is no contact field'),
        ({**EMAIL, "a": {"field": ["city"]}}, "a", "which is no contact field"),
        ({**EMAIL, "a": {"attribute": "size"}}, "a", '"size", which is no attribute. Add'),
        ({**EMAIL, "a": {"attribute": None}}, "a", "which is no attribute"),
        ({**EMAIL, "a": {"field": "email"}}, "e_mail", "Two form fields fill email."),
    ],
)
def test_problems_name_the_form_field_and_the_cure(fields, path, message):
    found = problems(fields, attributes={"licences"})
    assert (found[0].path, message in found[0].message) == (path, True), found


def test_a_good_document_has_no_problem():
    fields = {**EMAIL, "a": {"field": "city"}, "b": {"attribute": "licences"}}
    assert problems(fields, attributes={"licences"}) == []


@pytest.mark.django_db
def test_the_model_refuses_what_cannot_work():
    connection = FormConnection(name="Quote", page_id=1, fields={})
    with pytest.raises(ValidationError, match="Without it no submission can become a contact"):
        connection.full_clean()
    connection.fields = EMAIL
    connection.activity_type = "Not a name"
    with pytest.raises(ValidationError, match="lower-case letters"):
        connection.full_clean()


@pytest.mark.django_db
def test_it_is_read_with_the_types_of_all_attributes(django_assert_num_queries):
    page = make_form()
    connect(page)
    assert not connection_for(page.pk).attribute_types
    Attribute.objects.create(name="licences", label="Licences", type="integer")
    Attribute.objects.create(name="go_live", label='"Go" live', type="date")
    with django_assert_num_queries(1):
        connection = connection_for(page.pk)
        assert connection.attribute_types == {"licences": "integer", "go_live": "date"}
    assert connection_for(0) is None


@pytest.mark.django_db
def test_fields_that_vanished_from_the_form_are_dangling():
    page = make_form()
    connection = connect(page, value_field="message")
    assert dangling(connection) == []
    FormField.objects.filter(clean_name__in=["company", "message"]).delete()
    assert dangling(connection) == ["company", "message"]
    page.delete()
    assert dangling(connection) == list(QUOTE_TARGETS)


@pytest.mark.django_db
def test_only_form_pages_have_form_fields():
    page = make_form(own=True)
    names = [field.clean_name for field in form_fields(page.pk)]
    assert names == ["your_name", "your_e_mail", "company", "message"]
    assert form_fields(page.get_parent().pk) is None
    assert form_fields(0) is None


@pytest.mark.django_db
def test_saving_a_connection_makes_its_activity_type_known():
    connect(make_form(), activity_type="quote_request")
    assert ActivityType.objects.get().label == "Quote request"
