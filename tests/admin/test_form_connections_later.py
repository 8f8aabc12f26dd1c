"""Form connections later on: changed, with vanished fields, and with a ledger."""

from __future__ import annotations

from unittest import mock

import pytest
from django.db import DatabaseError
from django.urls import reverse
from wagtail.contrib.forms.models import FormSubmission
from wagtail.models import Page

from tests.admin.connection_form import (
    FIELDS,
    LIST,
    connected,
    editor_of,
    filled,
    url,
)
from tests.admin.people import messages_of
from tests.forms_site import form_page
from wagtail_salesforce.contacts.models import (
    Contact,
    LedgerEntry,
)


pytestmark = pytest.mark.django_db


@pytest.fixture
def quote():
    return form_page("quote")


@pytest.fixture
def client(quote):
    return editor_of(Page.objects.get(depth=1))


class TestChanging:
    def test_shows_what_is_stored_and_not_the_guess(self, client, quote):
        made = connected(quote, fields={"your_email": {"field": "email"}})
        data = filled(client, url("edit", made.pk))
        assert data["target-last_name"] == ""

    def test_saves(self, client, quote):
        made = connected(quote)
        address = url("edit", made.pk)
        data = filled(client, address, **{"target-message": "field:notes"})
        del data["enabled"]
        client.post(address, data)
        made.refresh_from_db()
        assert made.fields["message"] == {"field": "notes"}
        assert made.enabled is False

    def test_is_refused_for_forms_of_others(self, quote):
        made = connected(form_page("other"))
        client = editor_of(quote)
        assert client.get(url("edit", made.pk)).url == reverse("wagtailadmin_home")
        assert client.post(url("edit", made.pk), {}).url == reverse("wagtailadmin_home")

    def test_of_a_form_that_is_gone_leads_to_its_page(self, client):
        page = form_page("gone")
        made = connected(page)
        page.delete()
        assert client.get(url("edit", made.pk)).url == url("inspect", made.pk)
        shown = client.get(url("inspect", made.pk)).content.decode()
        assert "The form page of this connection was deleted" in shown
        assert url("delete", made.pk) in shown


class TestVanishedFields:
    """An editor of the page removed or renamed fields: their keys change, so nothing fits."""

    @pytest.fixture
    def made(self, quote):
        return connected(
            quote,
            fields={**FIELDS, "old_phone": {"field": "business_phone"}},
            value_field="old_number",
        )

    def test_are_shown_with_a_warning(self, client, made):
        form = client.get(url("edit", made.pk)).context["form"]
        assert [row.name for row in form.rows if row.dangling] == ["old_phone"]
        for page in (url("edit", made.pk), url("inspect", made.pk)):
            shown = client.get(page).content.decode()
            assert "old_phone" in shown
            assert "No longer on the form." in shown
        assert (
            "old_number (no longer on the form)"
            in client.get(url("edit", made.pk)).content.decode()
        )

    def test_are_kept_until_somebody_decides(self, client, made):
        address = url("edit", made.pk)
        client.post(address, filled(client, address, name="Other"))
        made.refresh_from_db()
        assert made.fields["old_phone"] == {"field": "business_phone"}
        assert (made.name, made.value_field) == ("Other", "old_number")

    def test_can_be_taken_out(self, client, made):
        address = url("edit", made.pk)
        changes = {"target-old_phone": "", "value_field": ""}
        client.post(address, filled(client, address, **changes))
        made.refresh_from_db()
        assert made.fields == FIELDS
        assert made.value_field == ""

    def test_do_not_count_as_the_field_of_the_address(self, client, quote):
        made = connected(quote, fields={"old_email": {"field": "email"}})
        address = url("edit", made.pk)
        form = client.post(address, filled(client, address)).context["form"]
        (error,) = form.non_field_errors()
        assert error == "Choose which field of the form holds the e-mail address now."

    def test_an_attribute_that_is_gone_stays_visible(self, client, quote):
        made = connected(quote, fields={**FIELDS, "message": {"attribute": "gone"}})
        address = url("edit", made.pk)
        assert "gone (no longer exists)" in client.get(address).content.decode()
        form = client.post(address, filled(client, address)).context["form"]
        assert "target-message" in form.errors


class TestTheLedger:
    def submit(self, page, **data):
        """A submission as the database keeps it, without its receiver."""
        return FormSubmission.objects.create(page=page, form_data=data)

    def test_shows_why_submissions_became_no_contact(self, client, quote):
        made = connected(quote)
        self.submit(quote, your_email="", last_name="Nobody")
        shown = client.get(url("inspect", made.pk)).content.decode()
        assert "There is no e-mail address, so nobody could be recognised." in shown
        assert "Nobody" not in shown

    def test_trying_again_captures_what_waits(self, client, quote):
        made = connected(quote)
        with mock.patch(
            "wagtail_salesforce.contacts.submissions.record", side_effect=DatabaseError("no")
        ):
            self.submit(quote, your_email="ada@engines.example", last_name="Lovelace")
        assert LedgerEntry.objects.get().state == "waiting"
        response = client.post(url("try_again"), {"next": url("inspect", made.pk)}, follow=True)
        assert response.redirect_chain == [(url("inspect", made.pk), 302)]
        assert messages_of(response) == ["1 submission was captured."]
        assert Contact.objects.get().last_name == "Lovelace"

    def test_trying_again_without_anything_waiting_says_so(self, client, quote):
        connected(quote)
        response = client.post(url("try_again"), follow=True)
        assert messages_of(response) == [
            "Every submission of a connected form is captured already."
        ]

    def test_trying_again_tells_what_failed_again(self, client, quote):
        connected(quote)
        with mock.patch(
            "wagtail_salesforce.contacts.submissions.record", side_effect=DatabaseError("no")
        ):
            self.submit(quote, your_email="ada@engines.example")
            response = client.post(url("try_again"), follow=True)
        (text,) = messages_of(response)
        assert text.startswith("1 submission has to wait on.")

    def test_trying_again_goes_nowhere_else(self, client, quote):
        response = client.post(url("try_again"), {"next": "https://evil.example/"})
        assert response.url == LIST

    def test_trying_again_needs_a_post(self, client):
        assert client.get(url("try_again")).status_code == 405
