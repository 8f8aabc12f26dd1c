"""Adding, changing and deleting contacts by hand."""

from __future__ import annotations

import datetime
from unittest import mock

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from wagtail.models import ModelLogEntry

from tests.admin.contact_form import ADD, edit_url, filled, page, send
from tests.admin.people import client_of, messages_of, person
from wagtail_salesforce.admin.contacts_forms import ContactForm
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.models import Activity, Attribute, Company, Contact, ContactStatus
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.signals import contacts_changed


pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return client_of("view_contact", "add_contact", "change_contact", "erase_contact")


@pytest.fixture
def ada():
    return Contact.objects.create(email="ada@engines.example", last_name="Lovelace")


class TestAdding:
    def test_makes_a_contact_and_shows_its_page(self, client):
        response = send(client, ADD, last_name="Lovelace", email="Ada@Engines.example")
        contact = Contact.objects.get()
        assert (contact.last_name, contact.email) == ("Lovelace", "Ada@Engines.example")
        assert contact.email_key == "ada@engines.example"
        assert response.url == reverse("wagtail_salesforce_contacts:inspect", args=[contact.pk])

    def test_marks_the_contact_due(self, client):
        send(client, ADD, last_name="Lovelace")
        assert LeadLink.objects.get(contact__last_name="Lovelace").due_at is not None

    def test_of_nobody_is_refused(self, client):
        response = send(client, ADD, city="York")
        assert "Enter at least a name, an e-mail address or a company." in page(response)
        assert not Contact.objects.exists()

    def test_without_permission_to_see_contacts_ends_at_home(self):
        response = send(client_of("add_contact"), ADD, last_name="Lovelace")
        assert response.url == reverse("wagtailadmin_home")
        assert Contact.objects.exists()


class TestChanging:
    def test_saves_every_field(self, client, ada):
        owner = person(name="owner")
        values = {
            "first_name": "Augusta",
            "middle_name": "Ada",
            "last_name": "King",
            "job_title": "Countess",
            "birthday": "1815-12-10",
            "gender": "female",
            "email": "countess@engines.example",
            "business_phone": "+44 1",
            "mobile_phone": "+44 2",
            "company_name": "Engines",
            "street": "St James's Square 12",
            "postal_code": "SW1Y",
            "city": "London",
            "state": "",
            "country": "United Kingdom",
            "campaign": "Bernoulli",
            "notes": "First\nsecond",
            "owner": owner.pk,
            "status": "Prospect",
            "user": "owner",
        }
        ContactStatus.objects.create(name="Prospect")
        assert set(values) == set(ContactForm._meta.fields)
        assert send(client, edit_url(ada), **values).status_code == 302
        ada.refresh_from_db()
        stored = {name: getattr(ada, name) for name in values}
        expected = {
            **values,
            "birthday": datetime.date(1815, 12, 10),
            "owner": owner,
            "user": owner,
        }
        assert stored == {**expected, "country": "GB"}
        assert ada.email_key == "countess@engines.example"

    def test_knows_the_website_user_by_name(self, client, ada):
        response = send(client, edit_url(ada), user="nobody")
        (error,) = response.context["form"].errors["user"]
        assert "No account of the website has this name." in error
        ada.user = person(name="ada")
        ada.save()
        assert client.get(edit_url(ada)).context["form"]["user"].value() == "ada"
        send(client, edit_url(ada), user="")
        ada.refresh_from_db()
        assert ada.user is None

    def test_gives_a_website_user_to_one_contact_only(self, client, ada):
        Contact.objects.create(last_name="Other", user=person(name="ada"))
        response = send(client, edit_url(ada), user="ada")
        assert "user" in response.context["form"].errors

    def test_takes_the_defined_statuses_and_the_one_there_is(self, client, ada):
        ContactStatus.objects.create(name="Customer")
        Contact.objects.filter(pk=ada.pk).update(status="Former")
        assert "status" in send(client, edit_url(ada), status="Nonsense").context["form"].errors
        assert send(client, edit_url(ada), city="York").status_code == 302
        assert send(client, edit_url(ada), status="Customer").status_code == 302
        ada.refresh_from_db()
        assert (ada.status, ada.city) == ("Customer", "York")

    def test_shows_countries_and_states_by_name_and_keeps_codes(self, client, ada):
        send(client, edit_url(ada), country="usa", state="california")
        ada.refresh_from_db()
        assert (ada.country, ada.state) == ("US", "CA")
        form = client.get(edit_url(ada)).context["form"]
        assert (form["country"].value(), form["state"].value()) == ("United States", "California")

    def test_keeps_what_is_no_known_country(self, client, ada):
        send(client, edit_url(ada), country="Atlantis", state="North")
        ada.refresh_from_db()
        assert (ada.country, ada.state) == ("Atlantis", "North")

    def test_marks_the_contact_due(self, client, ada):
        LeadLink.objects.filter(contact=ada).update(due_at=None)
        send(client, edit_url(ada), city="York")
        assert LeadLink.objects.get(contact=ada).due_at is not None

    def test_tells_only_what_was_changed(self, client, ada):
        """So that only the rules that look at it are evaluated."""
        told = []

        def listen(changes, **kwargs):
            told.extend(change.fields for change in changes.values())

        contacts_changed.connect(listen)
        try:
            send(client, edit_url(ada), city="York")
        finally:
            contacts_changed.disconnect(listen)
        assert told == [{"city", "modified_at"}]

    def test_without_a_change_marks_nobody(self, client, ada):
        LeadLink.objects.filter(contact=ada).update(due_at=None)
        before = Contact.objects.values().get()
        assert send(client, edit_url(ada)).status_code == 302
        assert LeadLink.objects.get(contact=ada).due_at is None
        assert Contact.objects.values().get() == before

    def test_does_not_undo_what_a_submission_brings_meanwhile(self, client, ada):
        Attribute.objects.create(name="licences", label="Licences", type="integer")
        Attribute.objects.create(name="plan", label="Plan")
        data = filled(client, edit_url(ada), city="York", **{"attribute-plan": "Gold"})
        capture(email=ada.email, first_name="Ada", attributes={"licences": 3000})
        client.post(edit_url(ada), data)
        ada.refresh_from_db()
        assert (ada.first_name, ada.city) == ("Ada", "York")
        assert ada.attributes == {"licences": 3000, "plan": "Gold"}

    def test_after_an_error_still_knows_what_the_page_showed_at_first(self, client, ada):
        data = filled(client, edit_url(ada), email="no address", city="York")
        capture(email=ada.email, first_name="Ada")
        again = client.post(edit_url(ada), data)
        assert 'name="initial-first_name"' in page(again)
        assert 'name="initial-first_name" value=' not in page(again)

    @pytest.mark.parametrize(
        ("field", "value"),
        [("last_name", "x" * 101), ("email", "no address"), ("birthday", "31.02.2026")],
    )
    def test_refuses_what_does_not_fit(self, client, ada, field, value):
        response = send(client, edit_url(ada), **{field: value})
        assert response.status_code == 200
        assert list(response.context["form"].errors) == [field]

    def test_offers_only_people_of_the_admin_as_owners(self, client, ada):
        get_user_model().objects.create_user("customer")
        offered = {str(user) for user in ContactForm().fields["owner"].queryset}
        assert "customer" not in offered
        assert offered


class TestTheSameAddress:
    """One contact per e-mail address, whatever its case."""

    @pytest.mark.parametrize("address", ["grace@navy.example", " GRACE@Navy.Example "])
    def test_of_another_contact_is_refused_clearly(self, client, ada, address):
        Contact.objects.create(email="grace@navy.example")
        response = send(client, edit_url(ada), email=address)
        (error,) = response.context["form"].errors["email"]
        assert error.startswith("Another contact already has this e-mail address. Look for")
        ada.refresh_from_db()
        assert ada.email == "ada@engines.example"

    def test_is_refused_for_a_new_contact(self, client, ada):
        response = send(client, ADD, email="ADA@engines.example")
        assert "email" in response.context["form"].errors
        assert Contact.objects.count() == 1

    def test_of_the_contact_itself_is_fine(self, client, ada):
        assert send(client, edit_url(ada), email="Ada@Engines.example").status_code == 302
        ada.refresh_from_db()
        assert ada.email == "Ada@Engines.example"

    @pytest.mark.parametrize("where", ["add", "edit"])
    def test_taken_between_check_and_save_is_an_error_and_no_crash(self, client, ada, where):
        Contact.objects.create(email="grace@navy.example")
        url = ADD if where == "add" else edit_url(ada)
        data = filled(client, url, email="grace@navy.example", last_name="Kept")
        blind = Contact.objects.none()
        checks = mock.patch.object(ContactForm, "others_with_address", lambda form, key: blind)
        with checks, mock.patch.object(Contact, "clean"):
            response = client.post(url, data)
        assert "Another contact already has this e-mail address." in page(response)
        assert "Kept" in page(response)
        assert Contact.objects.count() == 2

    def test_no_address_at_all_is_nobody_elses(self, client):
        Contact.objects.create(last_name="Nobody")
        assert send(client, ADD, last_name="Noone", email="").status_code == 302


class TestDeleting:
    def url(self, contact):
        return reverse("wagtail_salesforce_contacts:delete", args=[contact.pk])

    def test_asks_first(self, client, ada):
        assert "This cannot be undone." in page(client.get(self.url(ada)))
        assert Contact.objects.exists()

    def test_takes_everything_known_of_the_person(self, client, ada):
        capture(email=ada.email, title="Came by")
        company = Company.objects.create(name="Engines", primary_contact=ada)
        response = client.post(self.url(ada), follow=True)
        assert response.redirect_chain[-1][0] == reverse("wagtail_salesforce_contacts:index")
        assert not Contact.objects.exists()
        assert not Activity.objects.exists()
        company.refresh_from_db()
        assert company.primary_contact is None

    def test_leaves_a_tombstone_of_the_lead(self, client, ada):
        LeadLink.objects.filter(contact=ada).update(state="replicated", lead_id="00Q1")
        client.post(self.url(ada))
        link = LeadLink.objects.get()
        assert (link.contact_id, link.state) == (None, "erased")


class TestTheAuditLog:
    """It outlives the person, so it holds the number and nothing else."""

    NAMES = ("Lovelace", "Augusta", "engines.example", "York")

    def entries(self):
        return list(ModelLogEntry.objects.order_by("pk"))

    def test_holds_numbers_and_no_names(self, client):
        send(client, ADD, first_name="Augusta", last_name="Lovelace", email="a@engines.example")
        contact = Contact.objects.get()
        send(client, edit_url(contact), city="York")
        client.post(reverse("wagtail_salesforce_contacts:delete", args=[contact.pk]))
        actions = [entry.action for entry in self.entries()]
        assert actions == ["wagtail.create", "wagtail.edit", "wagtail.delete"]
        for entry in self.entries():
            assert entry.label == f"#{contact.pk}"
            stored = f"{entry.label} {entry.data}"
            assert not any(name in stored for name in self.NAMES)

    def test_also_when_other_code_logs_about_a_contact(self, ada):
        from wagtail.log_actions import log

        log(ada, "wagtail.edit")
        assert [entry.label for entry in self.entries()] == [f"#{ada.pk}"]

    def test_still_names_other_things(self):
        from wagtail.log_actions import log

        log(Company.objects.create(name="Engines"), "wagtail.edit")
        assert [entry.label for entry in self.entries()] == ["Engines"]

    def test_can_be_read_on_the_contacts_history(self, client, ada):
        send(client, edit_url(ada), city="York")
        history = reverse("wagtail_salesforce_contacts:history", args=[ada.pk])
        assert "Edit" in page(client.get(history))


def test_a_contact_that_is_gone_is_not_found(client):
    for name in ("edit", "inspect", "delete", "history"):
        url = reverse(f"wagtail_salesforce_contacts:{name}", args=[404])
        assert client.get(url).status_code == 404


def test_saving_leads_to_the_contacts_page_and_says_so(client, ada):
    url = edit_url(ada)
    response = client.post(url, filled(client, url, city="York"), follow=True)
    assert response.context["object"] == ada
    assert messages_of(response) == ["Contact &#x27;Lovelace&#x27; updated."]
