"""Two people, or a person and a form, change the same contact."""

from __future__ import annotations

import pytest

from tests.admin.contact_form import edit_url, filled, page
from tests.admin.people import client_of, messages_of
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.models import Attribute, Contact


pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return client_of("view_contact", "change_contact")


@pytest.fixture
def ada():
    return Contact.objects.create(
        email="ada@engines.example", city="York", country="GB", notes="a\nb"
    )


def test_the_second_editor_is_told_and_sees_the_present_value(client, ada):
    data = filled(client, edit_url(ada), city="Leeds", first_name="Ada")
    Attribute.objects.create(name="plan", label="Plan")
    first = filled(client, edit_url(ada), city="Bath", last_name="King")
    client.post(edit_url(ada), {**first, "attribute-plan": "Gold"})
    response = client.post(edit_url(ada), data)
    form = response.context["form"]
    assert "Somebody else changed this contact" in page(response)
    assert "You had entered “Leeds”." in form.errors["city"][0]
    ada.refresh_from_db()
    assert (ada.city, ada.first_name) == ("Bath", "")
    shown = {name: form[name].value() for name in form.fields}
    assert (shown["city"], shown["first_name"], shown["last_name"]) == ("Bath", "Ada", "King")
    # Having seen it, the editor decides.
    hidden = {name: value for name, value in form.data.items() if name.startswith("initial-")}
    again = {name: value or "" for name, value in shown.items()} | hidden | {"city": "Leeds"}
    assert client.post(edit_url(ada), again).status_code == 302
    ada.refresh_from_db()
    assert (ada.city, ada.first_name, ada.last_name) == ("Leeds", "Ada", "King")
    assert ada.attributes == {"plan": "Gold"}


def test_a_submission_in_between_is_not_overwritten(client, ada):
    data = filled(client, edit_url(ada), city="Leeds")
    capture(email=ada.email, city="Bath", overwrite=True)
    moment = Contact.objects.get().last_activity_at
    assert client.post(edit_url(ada), data).status_code == 200
    ada.refresh_from_db()
    assert (ada.city, ada.last_activity_at) == ("Bath", moment)


def test_changes_of_other_fields_are_kept_and_told(client, ada):
    data = filled(client, edit_url(ada), city="Leeds")
    capture(email=ada.email, first_name="Ada")
    response = client.post(edit_url(ada), data, follow=True)
    assert "both changes are kept" in messages_of(response)[0]
    ada.refresh_from_db()
    assert (ada.city, ada.first_name) == ("Leeds", "Ada")


def test_country_and_state_belong_together(client, ada):
    data = filled(client, edit_url(ada), state="Kent")
    Contact.objects.filter(pk=ada.pk).update(country="US")
    response = client.post(edit_url(ada), data)
    assert "state" in response.context["form"].errors
    assert response.context["form"]["country"].value() == "United States"


def test_line_ends_of_browsers_are_no_change(client, ada):
    data = filled(client, edit_url(ada), notes="a\r\nb\r\nc")
    data["initial-notes"] = "a\r\nb"
    assert client.post(edit_url(ada), data).status_code == 302
    ada.refresh_from_db()
    assert ada.notes.split() == ["a", "b", "c"]


def test_both_entered_the_same(client, ada):
    data = filled(client, edit_url(ada), city="Bath")
    Contact.objects.filter(pk=ada.pk).update(city="Bath")
    assert client.post(edit_url(ada), data).status_code == 302
