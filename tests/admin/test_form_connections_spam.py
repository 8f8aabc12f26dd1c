"""Form connections in the admin: consent, conditions, what was refused, and past submissions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.contrib.forms.models import FormSubmission
from wagtail.models import Page

from tests.admin.connection_form import FIELDS, LIST, connected, editor_of, filled, url
from tests.admin.people import messages_of
from tests.forms_site import form_page
from wagtail_salesforce.contacts import spam
from wagtail_salesforce.contacts.models import Attribute, Contact, FormConnection, LedgerEntry
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.jobs.run import run_job


pytestmark = pytest.mark.django_db

FORM = (
    ("Your email", "email"),
    ("Full name", "singleline"),
    ("Licences", "number"),
    ("I consent to be contacted", "checkbox"),
    ("Website", "singleline"),
)
BOX = "i_consent_to_be_contacted"


@pytest.fixture(autouse=True)
def checks(monkeypatch):
    monkeypatch.setattr(spam, "_checks", {})
    spam.register_check("links", "No links", lambda data, context: None)


@pytest.fixture
def page():
    return form_page("quote", FORM)


@pytest.fixture
def client(page):
    return editor_of(Page.objects.get(depth=1))


@pytest.fixture
def consent():
    return Attribute.objects.create(name="consent", label="May be contacted", type="boolean")


class TestTheForm:
    def test_offers_the_split_and_the_consent(self, client, page, consent):
        data = filled(client, url("connect", page.pk))
        assert data["target-full_name"] == "split:full_name"
        assert (data["consent_field"], data["consent_attribute"]) == (BOX, "consent")
        assert data[f"target-{BOX}"] == ""

    def test_saves_everything(self, client, page, consent):
        address = url("connect", page.pk)
        changes = {
            "value_field": "licences",
            "honeypot": "website",
            "seconds": "5",
            "check": "links",
        }
        client.post(address, filled(client, address, **changes))
        made = FormConnection.objects.get()
        assert made.fields["full_name"] == {"split": "full_name"}
        assert (made.value_field, made.consent_field) == ("licences", BOX)
        assert made.consent_attribute == "consent"
        assert made.conditions == {"honeypot": "website", "seconds": 5, "check": "links"}

        address = url("edit", made.pk)
        data = filled(client, address)
        assert (data["honeypot"], data["seconds"], data["check"]) == ("website", 5, "links")
        client.post(address, {**data, "honeypot": "", "seconds": "", "check": ""})
        made.refresh_from_db()
        assert made.conditions == {}

    @pytest.mark.parametrize(
        ("changes", "field", "message"),
        [
            ({"consent_attribute": ""}, "consent_attribute", "Choose the attribute"),
            ({"consent_field": ""}, "consent_field", "Choose the checkbox"),
            ({f"target-{BOX}": "attribute:consent"}, "consent_attribute", "withdraw"),
            ({"honeypot": "full_name"}, "honeypot", "This field is used above"),
            ({"seconds": "601"}, "seconds", "less than or equal to 600"),
            ({"seconds": "-1"}, "seconds", "greater than or equal to 0"),
            ({"check": "none"}, "check", "Select a valid choice"),
            ({"consent_field": "website"}, "consent_field", "Select a valid choice"),
            ({"target-website": "field:last_name"}, "target-full_name", "Another field"),
        ],
    )
    def test_refuses_what_cannot_work(self, client, page, consent, changes, field, message):
        address = url("connect", page.pk)
        response = client.post(address, filled(client, address, **changes))
        errors = response.context["form"].errors
        assert message in str(errors[field])
        assert not FormConnection.objects.exists()

    def test_refuses_a_honeypot_that_people_must_fill_in(self, client, page):
        page.form_fields.filter(clean_name="website").update(required=True)
        address = url("connect", page.pk)
        response = client.post(address, filled(client, address, honeypot="website"))
        assert "nobody can leave it empty" in str(response.context["form"].errors["honeypot"])

    def test_says_what_is_missing_for_a_consent(self, client, page):
        shown = client.get(url("connect", page.pk)).content.decode()
        assert "add an attribute of the type “Yes or no” first" in shown
        plain = form_page("plain", [("E-mail", "email")])
        assert "This form has no checkbox." in client.get(url("connect", plain.pk)).content.decode()


class TestVanishedFields:
    def test_are_told_everywhere(self, client, page, consent):
        made = connected(
            page,
            consent_field="old_box",
            consent_attribute="consent",
            value_field="old_value",
            conditions={"honeypot": "old_trap"},
            fields={"your_email": {"field": "email"}},
        )
        assert "3 connected fields are no longer on the form." in client.get(LIST).content.decode()
        shown = client.get(url("inspect", made.pk)).content.decode()
        for name in ("old_box", "old_value", "old_trap"):
            assert name in shown
        assert "Connect the fields that took their place" in shown
        form = client.get(url("edit", made.pk)).content.decode()
        for name in ("old_box", "old_value", "old_trap"):
            assert f"{name} (no longer on the form)" in form

    def test_so_are_attributes_and_checks(self, client, page):
        fields = {**FIELDS, "licences": {"attribute": "gone"}}
        made = connected(page, fields=fields, conditions={"check": "gone"})
        shown = client.get(url("inspect", made.pk)).content.decode()
        assert "These attributes no longer exist: gone." in shown
        assert "has no check of this name any more" in shown


class TestTheStampWarning:
    def shown(self, client, page, **columns):
        made = connected(page, conditions={"seconds": 5}, **columns)
        for number in range(3):
            LedgerEntry.objects.create(
                submission_model="x", submission_id=number, page_id=page.pk, state="refused"
            )
        return client.get(url("inspect", made.pk)).content.decode()

    def test_when_no_submission_ever_carried_one(self, client, page):
        assert "no submission has ever said when the form was shown" in self.shown(client, page)

    def test_when_it_seems_to_be_gone(self, client, page):
        long_ago = timezone.now() - timedelta(days=3)
        shown = self.shown(client, page, stamp_seen_at=long_ago)
        assert "No submission has said for days" in shown
        assert "{% form_started %}" in shown

    def test_not_when_all_is_well(self, client, page):
        shown = self.shown(client, page, stamp_seen_at=timezone.now())
        assert "form_started" not in shown


class TestRefused:
    @pytest.fixture
    def made(self, page):
        made = connected(
            page, fields={"your_email": {"field": "email"}}, conditions={"honeypot": "website"}
        )
        for number in range(2):
            data = {"your_email": f"a{number}@example.org", "website": "x"}
            FormSubmission.objects.create(page=page, form_data=data)
        return made

    def test_are_listed_with_reason_and_the_way_to_the_submissions(self, client, made):
        shown = client.get(url("refused", made.pk)).content.decode()
        assert shown.count("A field that people do not see was filled in.") == 2
        assert reverse("wagtailforms:list_submissions", args=[made.page_id]) in shown
        assert "example.org" not in shown
        assert url("refused", made.pk) in client.get(url("inspect", made.pk)).content.decode()

    def test_one_is_taken_after_all(self, client, made):
        entry = LedgerEntry.objects.order_by("pk").first()
        response = client.post(url("take_refused", made.pk), {"entry": entry.pk}, follow=True)
        assert messages_of(response) == ["1 submission was taken after all."]
        assert Contact.objects.get().email == "a0@example.org"

    def test_all_are_taken_after_all(self, client, made):
        response = client.post(url("take_refused", made.pk), follow=True)
        assert messages_of(response) == ["2 submissions were taken after all."]
        assert "No submission of this form is refused." in response.content.decode()
        again = client.post(url("take_refused", made.pk), follow=True)
        assert messages_of(again) == ["There was nothing left to take."]

    def test_those_of_another_form_are_left_alone(self, client, made):
        other = connected(form_page("other"))
        entry = LedgerEntry.objects.first()
        client.post(url("take_refused", other.pk), {"entry": entry.pk})
        assert not Contact.objects.exists()

    def test_not_while_the_connection_is_off(self, client, made):
        FormConnection.objects.update(enabled=False)
        response = client.post(url("take_refused", made.pk), follow=True)
        assert messages_of(response) == ["The connection is switched off. Switch it on first."]

    @pytest.mark.parametrize("name", ["take_refused", "import_past"])
    def test_acting_needs_the_permission_the_page_and_a_post(self, client, made, name):
        home = reverse("wagtailadmin_home")
        address = url(name, made.pk)
        assert client.get(address).status_code == 405
        page = Page.objects.get(pk=made.page_id)
        only_view = editor_of(page, permissions=("view_formconnection",))
        assert only_view.post(address).url == home
        of_other = editor_of(form_page("other"))
        assert of_other.post(address).url == home
        assert not Contact.objects.exists()
        assert not Job.objects.exists()

    def test_looking_needs_a_permission(self, page, made):
        nobody = editor_of(page, permissions=())
        assert nobody.get(url("refused", made.pk)).url == reverse("wagtailadmin_home")
        only_view = editor_of(page, permissions=("view_formconnection",))
        assert "Take it after all" not in only_view.get(url("refused", made.pk)).content.decode()


class TestPastSubmissions:
    @pytest.fixture
    def made(self, page):
        for number in range(3):
            data = {"your_email": f"a{number}@example.org"}
            FormSubmission.objects.create(page=page, form_data=data)
        return connected(page, fields={"your_email": {"field": "email"}})

    def test_are_taken_over_with_progress(self, client, made):
        shown = client.get(url("inspect", made.pk)).content.decode()
        assert "3 submissions were made before the form was connected" in shown
        response = client.post(url("import_past", made.pk), follow=True)
        assert messages_of(response) == ["The past submissions are being taken over."]
        assert "Take over past submissions" not in response.content.decode()
        again = client.post(url("import_past", made.pk), follow=True)
        assert messages_of(again) == ["Past submissions are being taken over already."]
        run_job(Job.objects.get().pk)
        shown = client.get(url("inspect", made.pk)).content.decode()
        assert "3 captured" in shown
        assert Contact.objects.count() == 3
        response = client.post(url("import_past", made.pk), follow=True)
        assert messages_of(response) == ["Every submission of this form is on the ledger already."]

    def test_not_while_the_connection_is_off(self, client, made):
        FormConnection.objects.update(enabled=False)
        shown = client.get(url("inspect", made.pk)).content.decode()
        assert "Take over past submissions" not in shown
        client.post(url("import_past", made.pk))
        assert not Job.objects.exists()
