"""Contacts → Form connections: finding a form, connecting it, and what became of submissions."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.contrib.forms.models import FormSubmission
from wagtail.models import Page

from tests.admin.connection_form import (
    ALL,
    CHOOSE,
    LIST,
    connected,
    editor_of,
    filled,
    rows,
    url,
)
from tests.admin.people import client_of
from tests.forms_site import form_page
from tests.testapp.models import OwnFormPage
from wagtail_salesforce.admin.form_connections_overview import Counts
from wagtail_salesforce.contacts.models import (
    Activity,
    ActivityType,
    Attribute,
    Contact,
    FormConnection,
    LedgerEntry,
)


pytestmark = pytest.mark.django_db


@pytest.fixture
def quote():
    return form_page("quote")


@pytest.fixture
def client(quote):
    return editor_of(Page.objects.get(depth=1))


class TestTheList:
    def test_shows_every_form_with_its_status_the_unconnected_first(self, client, quote):
        connected(form_page("a"))
        connected(form_page("b"), enabled=False)
        form_page("own", page_class=OwnFormPage)
        found = [(row.title, row.status.label) for row in rows(client)]
        assert found == [
            ("Own", "Not connected"),
            ("Quote", "Not connected"),
            ("A", "Connected"),
            ("B", "Switched off"),
        ]

    def test_offers_to_connect(self, client, quote):
        page = client.get(LIST).content.decode()
        assert f'href="{url("connect", quote.pk)}"' in page

    def test_offers_nothing_to_those_who_may_only_look(self, quote):
        client = editor_of(quote, permissions=["view_formconnection"])
        page = client.get(LIST).content.decode()
        assert "Quote" in page
        assert url("connect", quote.pk) not in page

    def test_shows_only_forms_that_the_editor_may_edit(self, quote):
        other = form_page("other")
        connected(other)
        client = editor_of(quote)
        assert [row.title for row in rows(client)] == ["Quote"]
        assert "Other" not in client.get(LIST).content.decode()

    def test_shows_connections_whose_page_is_gone(self, client, quote):
        connected(form_page("gone"))
        Page.objects.get(slug="gone").delete()
        last = rows(client)[-1]
        assert (last.title, last.status.label) == ("Gone", "Form page is gone")

    def test_counts_submissions_by_what_became_of_them(self, client, quote):
        connected(quote)
        for number, state in enumerate(["captured", "captured", "waiting", "refused"]):
            LedgerEntry.objects.create(
                submission_model="x", submission_id=str(number), page_id=quote.pk, state=state
            )
        (item,) = client.get(LIST).context["rows"]
        assert item["counts"] == Counts(captured=2, waiting=1, refused=1)
        assert "1 submission could not be captured" in client.get(LIST).content.decode()

    def test_says_what_to_do_without_any_form(self):
        page = editor_of().get(LIST).content.decode()
        assert "There is no form page that you may edit." in page

    def test_takes_the_same_number_of_statements_for_many_forms(self, client, quote):
        connected(quote)
        connected(form_page("x0"))
        client.get(LIST)
        with CaptureQueriesContext(connection) as few:
            client.get(LIST)
        for number in range(1, 10):
            connected(form_page(f"x{number}"))
        with CaptureQueriesContext(connection) as many:
            client.get(LIST)
        assert len(many) <= len(few)


class TestConnecting:
    def test_begins_with_choosing_a_form_that_is_not_connected(self, client, quote):
        connected(form_page("done"))
        page = client.get(CHOOSE).content.decode()
        assert url("connect", quote.pk) in page
        assert "Done" not in page

    def test_counts_the_steps_only_when_there_were_two(self, client, quote):
        chosen, step = f"{url('connect', quote.pk)}?chosen=1", "Step 2 of 2."
        assert f'href="{chosen}"' in client.get(CHOOSE).content.decode()
        page = client.get(chosen).content.decode()
        assert step in page
        assert f'action="{chosen}"' in page
        direct = url("connect", quote.pk)
        assert f'href="{direct}"' in client.get(LIST).content.decode()
        page = client.get(direct).content.decode()
        assert "Check what each field of the form fills." in page
        assert step not in page

    def test_offers_a_guess_from_names_and_types(self, client, quote):
        form = client.get(url("connect", quote.pk)).context["form"]
        offered = {row.name: row.field.value() for row in form.rows}
        assert offered["your_email"] == "field:email"
        assert offered["first_name"] == "field:first_name"
        assert offered["last_name"] == "field:last_name"
        assert all(row.guessed for row in form.rows if row.field.value())

    def test_guesses_attributes_by_their_names(self, client, quote):
        Attribute.objects.create(name="licences", label="Licences", type="integer")
        data = filled(client, url("connect", quote.pk))
        assert data["target-licences"] == "attribute:licences"

    def test_the_guess_can_be_saved_as_it_is(self, client, quote):
        address = url("connect", quote.pk)
        response = client.post(address, filled(client, address))
        made = FormConnection.objects.get()
        assert response.url == url("inspect", made.pk)
        assert (made.page_id, made.name, made.enabled) == (quote.pk, "Quote", True)
        assert (made.overwrite, made.activity_type) == (False, "form_submission")
        assert made.fields["your_email"] == {"field": "email"}

    def test_takes_what_was_chosen(self, client, quote):
        Attribute.objects.create(name="seats", label="Seats", type="integer")
        ActivityType.objects.create(name="purchase", label="Purchase")
        address = url("connect", quote.pk)
        changes = {
            "name": "Quotes",
            "target-licences": "attribute:seats",
            "target-first_name": "",
            "target-message": "",
            "overwrite": "on",
            "activity_type": "purchase",
            "value_field": "licences",
        }
        client.post(address, filled(client, address, **changes))
        made = FormConnection.objects.get()
        assert made.fields == {
            "your_email": {"field": "email"},
            "last_name": {"field": "last_name"},
            "licences": {"attribute": "seats"},
        }
        assert (made.name, made.overwrite) == ("Quotes", True)
        assert (made.activity_type, made.value_field) == ("purchase", "licences")

    def test_makes_submissions_contacts(self, client, quote):
        address = url("connect", quote.pk)
        client.post(address, filled(client, address, value_field="licences"))
        answer = {"your_email": "ada@engines.example", "last_name": "Lovelace", "licences": "3000"}
        assert Client().post(quote.get_url(), answer).status_code == 200
        contact = Contact.objects.get()
        assert (contact.email, contact.last_name) == ("ada@engines.example", "Lovelace")
        assert Activity.objects.get().value == 3000
        page = client.get(url("inspect", FormConnection.objects.get().pk))
        assert page.context["counts"] == Counts(captured=1)

    def test_works_for_pages_of_the_sites_own_class(self, client):
        page = form_page("own", page_class=OwnFormPage)
        address = url("connect", page.pk)
        client.post(address, filled(client, address))
        assert FormConnection.objects.get().page_id == page.pk

    def test_names_are_made_unlike_others(self, client, quote):
        connected(form_page("a"), name="Quote")
        assert filled(client, url("connect", quote.pk))["name"] == "Quote (2)"

    def test_of_a_connected_form_changes_the_connection(self, client, quote):
        made = connected(quote)
        assert client.get(url("connect", quote.pk)).url == url("edit", made.pk)

    def test_of_a_connected_form_is_refused_to_those_who_may_only_add(self, quote):
        client = editor_of(quote, permissions=["add_formconnection"])
        data = filled(client, url("connect", quote.pk))
        connected(quote, name="First")
        response = client.post(url("connect", quote.pk), data)
        assert "This form is connected already." in response.content.decode()
        assert FormConnection.objects.count() == 1

    @pytest.mark.parametrize("other", ["another's form", "no form", "nothing"])
    def test_of_pages_that_are_not_the_editors_forms_is_refused(self, quote, other):
        client = editor_of(quote)
        page_id = {
            "another's form": form_page("other").pk,
            "no form": Page.objects.get(depth=2).pk,
            "nothing": 98765,
        }[other]
        for send in (client.get, client.post):
            response = send(url("connect", page_id))
            assert response.status_code == 302
            assert response.url == reverse("wagtailadmin_home")
        assert not FormConnection.objects.exists()


def test_a_stored_activity_that_no_form_makes_is_kept(client, quote):
    made = connected(quote, activity_type="contact_import")
    address = url("edit", made.pk)
    assert ">Contact import<" in client.get(address).content.decode()
    client.post(address, filled(client, address, name="Renamed"))
    made.refresh_from_db()
    assert (made.name, made.activity_type) == ("Renamed", "contact_import")


class TestBadInput:
    def refused(self, client, quote, **changes):
        address = url("connect", quote.pk)
        response = client.post(address, filled(client, address, **changes))
        assert response.status_code == 200
        assert not FormConnection.objects.exists()
        return response.context["form"]

    def test_no_field_for_the_address(self, client, quote):
        form = self.refused(client, quote, **{"target-your_email": ""})
        (error,) = form.non_field_errors()
        assert error.startswith("Choose the form field that holds the e-mail address.")

    def test_two_fields_for_one_place(self, client, quote):
        form = self.refused(client, quote, **{"target-message": "field:last_name"})
        assert set(form.errors) == {"target-message", "target-last_name"}
        (error,) = form.errors["target-message"]
        assert error == "Another field of the form fills this too. Keep one of them."
        suggested = {row.name for row in form.rows if row.guessed}
        assert "message" not in suggested
        assert "your_email" in suggested

    @pytest.mark.parametrize("target", ["field:id", "field:created_at", "attribute:none", "x", "{"])
    def test_a_target_that_does_not_exist(self, client, quote, target):
        form = self.refused(client, quote, **{"target-message": target})
        assert "target-message" in form.errors

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", ""),
            ("name", "x" * 201),
            ("activity_type", "unknown"),
            ("activity_type", "page_visit"),
            ("activity_type", "lead_shortened"),
            ("activity_type", "contact_import"),
            ("value_field", "unknown"),
        ],
    )
    def test_other_fields(self, client, quote, field, value):
        assert field in self.refused(client, quote, **{field: value}).errors

    def test_the_name_of_another_connection(self, client, quote):
        connected(form_page("a"), name="Taken")
        address = url("connect", quote.pk)
        form = client.post(address, filled(client, address, name="Taken")).context["form"]
        assert "name" in form.errors


def test_deleting_leaves_contacts_and_activities(client, quote):
    made = connected(quote)
    FormSubmission.objects.create(page=quote, form_data={"your_email": "ada@engines.example"})
    assert "stay" in client.get(url("delete", made.pk)).content.decode()
    client.post(url("delete", made.pk))
    assert not FormConnection.objects.exists()
    assert Contact.objects.exists()
    assert Activity.objects.exists()


def test_somebody_without_page_permissions_sees_no_form(quote):
    client = client_of(*ALL)
    assert rows(client) == []
    assert client.get(url("connect", quote.pk)).url == reverse("wagtailadmin_home")
