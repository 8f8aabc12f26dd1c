"""Contacts → Companies: members, roles, and the primary and secondary contact."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.admin.people import client_of, messages_of
from wagtail_salesforce.admin.companies_membership import Standing, save_member
from wagtail_salesforce.contacts.models import Company, CompanyMembership, Contact
from wagtail_salesforce.replication.models import LeadLink


pytestmark = pytest.mark.django_db

LIST = reverse("wagtail_salesforce_companies:index")
SUGGESTIONS = reverse("wagtail_salesforce_contacts:suggestions")


def url_of(company):
    return reverse("wagtail_salesforce_companies:inspect", args=[company.pk])


@pytest.fixture
def client():
    return client_of("view_company", "change_company", "view_contact")


@pytest.fixture
def engines():
    return Company.objects.create(name="Engines")


@pytest.fixture
def ada():
    return Contact.objects.create(
        email="ada@engines.example", first_name="Ada", last_name="Lovelace", company_name="Acme"
    )


@pytest.fixture
def grace():
    return Contact.objects.create(first_name="Grace", last_name="Hopper")


def send(client, company, contact, role="", standing=""):
    data = {"contact": contact, "role": role, "standing": standing}
    return client.post(url_of(company), data, follow=True)


class TestMembers:
    def test_are_added_by_address_with_role_and_standing(self, client, engines, ada):
        response = send(client, engines, "ADA@engines.example", "Research", "primary")
        assert messages_of(response) == ["Ada Lovelace added."]
        membership = CompanyMembership.objects.get()
        assert (membership.contact, membership.role) == (ada, "Research")
        engines.refresh_from_db()
        assert engines.primary_contact == ada

    def test_are_added_by_number(self, client, engines, grace):
        send(client, engines, f"#{grace.pk}")
        assert engines.members.get() == grace

    def test_are_changed_when_they_are_there_already(self, client, engines, ada):
        save_member(engines, ada, "Research", Standing.PRIMARY)
        response = send(client, engines, ada.email, "Sales", "secondary")
        assert messages_of(response) == ["Ada Lovelace changed."]
        engines.refresh_from_db()
        assert (engines.primary_contact, engines.secondary_contact) == (None, ada)
        assert CompanyMembership.objects.get().role == "Sales"

    def test_the_former_primary_contact_stays_a_member(self, client, engines, ada, grace):
        save_member(engines, grace, "", Standing.PRIMARY)
        send(client, engines, ada.email, "", "primary")
        engines.refresh_from_db()
        assert engines.primary_contact == ada
        assert set(engines.members.all()) == {ada, grace}

    @pytest.mark.parametrize("text", ["nobody@example.com", "#987654", "Lovelace", "#"])
    def test_unknown_ones_are_refused_with_a_reason(self, client, engines, ada, text):
        response = send(client, engines, text)
        assert "No contact has this e-mail address or number." in response.content.decode()
        assert not engines.members.exists()

    def test_are_removed_with_their_standing(self, client, engines, ada):
        save_member(engines, ada, "", Standing.PRIMARY)
        args = [engines.pk, ada.pk]
        client.post(reverse("wagtail_salesforce_companies:remove_member", args=args))
        engines.refresh_from_db()
        assert engines.primary_contact is None
        assert not engines.members.exists()
        assert Contact.objects.filter(pk=ada.pk).exists()

    def test_the_form_is_filled_in_to_change_one(self, client, engines, ada):
        save_member(engines, ada, "Research", Standing.SECONDARY)
        form = client.get(url_of(engines), {"member": ada.pk}).context["member_form"]
        assert form.initial == {
            "contact": "ada@engines.example",
            "role": "Research",
            "standing": "secondary",
        }

    @pytest.mark.parametrize("member", ["x", "0", "99999999999999999999"])
    def test_nonsense_in_the_address_fills_in_nothing(self, client, engines, member):
        response = client.get(url_of(engines), {"member": member})
        assert response.context["member_form"].initial == {}

    def test_change_what_goes_to_salesforce(self, client, engines, ada, grace):
        """The company name of members, and of those who were members, may be another one."""
        save_member(engines, grace, "", Standing.PRIMARY)
        LeadLink.objects.update(due_at=None)
        send(client, engines, ada.email, "", "primary")
        due = LeadLink.objects.filter(due_at__isnull=False)
        assert set(due.values_list("contact", flat=True)) == {ada.pk, grace.pk}

    def test_who_only_stand_for_the_company_are_shown_too(self, client, engines, ada):
        Company.objects.filter(pk=engines.pk).update(primary_contact=ada)
        (row,) = client.get(url_of(engines)).context["rows"]
        assert (row["contact"], row["standing"]) == (ada, "Primary contact")

    def test_come_fifty_at_a_time_in_the_same_number_of_statements(self, client, engines):
        def add(numbers):
            for number in numbers:
                contact = Contact.objects.create(email=f"p{number}@example.org")
                CompanyMembership.objects.create(company=engines, contact=contact)

        add(range(3))
        client.get(url_of(engines))
        with CaptureQueriesContext(connection) as few:
            client.get(url_of(engines))
        add(range(3, 52))
        with CaptureQueriesContext(connection) as many:
            assert len(client.get(url_of(engines)).context["rows"]) == 50
        assert len(many) == len(few)
        assert len(client.get(url_of(engines), {"p": 2}).context["rows"]) == 2


class TestNobodyIsNamedWithoutPermission:
    """Whoever may change companies need not be allowed to see people."""

    @pytest.fixture
    def client(self):
        return client_of("view_company", "change_company", "add_company", "delete_company")

    NAMES = ("Ada", "Lovelace", "engines.example")

    def test_on_the_page(self, client, engines, ada):
        save_member(engines, ada, "", Standing.PRIMARY)
        page = client.get(url_of(engines), {"member": ada.pk}).content.decode()
        assert not any(name in page for name in self.NAMES)
        assert "This company has 1 member." in page

    def test_in_the_list(self, client, engines, ada):
        save_member(engines, ada, "", Standing.PRIMARY)
        assert not any(name in client.get(LIST).content.decode() for name in self.NAMES)

    def test_by_asking_whether_an_address_is_known(self, client, engines, ada):
        known = client.post(url_of(engines), {"contact": ada.email})
        unknown = client.post(url_of(engines), {"contact": "nobody@example.com"})
        assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
        assert not engines.members.exists()

    def test_by_the_suggestions(self, client, ada):
        response = client.get(SUGGESTIONS, {"q": "ada"})
        assert response.status_code == 302

    def test_when_the_company_is_deleted(self, client, engines, ada):
        save_member(engines, ada, "", Standing.PRIMARY)
        url = reverse("wagtail_salesforce_companies:delete", args=[engines.pk])
        assert not any(name in client.get(url).content.decode() for name in self.NAMES)
        client.post(url)
        assert not Company.objects.exists()
        assert Contact.objects.filter(pk=ada.pk).exists()


class TestSuggestions:
    def found(self, client, text):
        return json.loads(client.get(SUGGESTIONS, {"q": text}).content)["contacts"]

    def test_name_the_contacts_that_match(self, client, ada, grace):
        assert self.found(client, "lovel") == [
            {"value": "ada@engines.example", "label": "Ada Lovelace, Acme"}
        ]
        assert self.found(client, "hopper") == [{"value": f"#{grace.pk}", "label": "Grace Hopper"}]

    @pytest.mark.parametrize("text", ["", "a", "\0", "zzz"])
    def test_are_none_for_little_or_nothing(self, client, ada, text):
        assert self.found(client, text) == []

    def test_are_ten_at_most(self, client):
        for number in range(15):
            Contact.objects.create(email=f"p{number}@example.org")
        assert len(self.found(client, "example")) == 10


class TestTheList:
    def test_counts_members_and_names_the_primary_contact(self, client, engines, ada, grace):
        save_member(engines, ada, "", Standing.PRIMARY)
        save_member(engines, grace, "", Standing.ORDINARY)
        response = client.get(LIST)
        assert [company.members_count for company in response.context["object_list"]] == [2]
        assert "Ada Lovelace" in response.content.decode()

    def test_is_searched_by_name(self, client, engines):
        Company.objects.create(name="Navy")
        response = client.get(LIST, {"q": "eng"})
        assert [company.name for company in response.context["object_list"]] == ["Engines"]

    def test_takes_the_same_number_of_statements_for_many(self, client, ada):
        def add(numbers):
            for number in numbers:
                Company.objects.create(name=f"C{number}", primary_contact=ada)

        add(range(2))
        client.get(LIST)
        with CaptureQueriesContext(connection) as few:
            client.get(LIST)
        add(range(2, 20))
        with CaptureQueriesContext(connection) as many:
            client.get(LIST)
        assert len(many) == len(few)


def test_a_new_company_leads_to_its_page(ada):
    client = client_of("add_company", "view_company", "change_company", "view_contact")
    url = reverse("wagtail_salesforce_companies:add")
    response = client.post(url, {"name": "Engines", "website": "https://engines.example"})
    assert response.url == url_of(Company.objects.get())
    assert "name" in client.post(url, {"name": ""}).context["form"].errors
