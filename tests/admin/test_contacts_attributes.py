"""Contacts → Attributes and Contacts → Activity types."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.admin.people import client_of, messages_of
from wagtail_salesforce.contacts.models import (
    Activity,
    ActivityType,
    Attribute,
    Contact,
    FormConnection,
)
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.scoring.models import Rule, Score


pytestmark = pytest.mark.django_db

ATTRIBUTES = "wagtail_salesforce_attributes"
TYPES = "wagtail_salesforce_activity_types"


@pytest.fixture
def client():
    kinds = ("add", "change", "delete")
    permissions = [f"{kind}_{model}" for kind in kinds for model in ("attribute", "activitytype")]
    return client_of(*permissions)


@pytest.fixture
def licences():
    return Attribute.objects.create(name="licences", label="Licences", type="integer")


def send(client, attribute=None, **changes):
    name, args = ("edit", [attribute.pk]) if attribute else ("add", [])
    data = {"label": "Licences", "name": "licences", "type": "integer", "help_text": "", **changes}
    return client.post(reverse(f"{ATTRIBUTES}:{name}", args=args), data)


class TestAnAttribute:
    def test_is_added(self, client):
        assert send(client, help_text="How many").status_code == 302
        attribute = Attribute.objects.get()
        assert (attribute.name, attribute.label, attribute.type, attribute.help_text) == (
            "licences",
            "Licences",
            "integer",
            "How many",
        )

    @pytest.mark.parametrize(
        "name",
        ["Licences", "1st", "with space", "email", "last_name", "created_at", "", "x" * 101, "pk"],
    )
    def test_needs_a_name_that_can_be_used(self, client, name):
        assert list(send(client, name=name).context["form"].errors) == ["name"]
        assert not Attribute.objects.exists()

    def test_has_a_name_of_its_own(self, client, licences):
        assert "name" in send(client).context["form"].errors

    def test_keeps_its_name(self, client, licences):
        send(client, licences, name="seats", label="Seats")
        licences.refresh_from_db()
        assert (licences.name, licences.label) == ("licences", "Seats")

    def test_changes_its_type_while_nobody_has_a_value(self, client, licences):
        Contact.objects.create(email="a@b.example", attributes={"other": 1})
        assert send(client, licences, type="text").status_code == 302
        licences.refresh_from_db()
        assert licences.type == "text"

    def test_keeps_its_type_once_somebody_has_a_value(self, client, licences):
        Contact.objects.create(email="a@b.example", attributes={"licences": 3})
        form = send(client, licences, type="text").context["form"]
        assert list(form.errors) == ["type"]
        assert "Add another attribute of the type you need." in form.errors["type"][0]
        licences.refresh_from_db()
        assert licences.type == "integer"

    def test_with_values_still_changes_its_label(self, client, licences):
        Contact.objects.create(email="a@b.example", attributes={"licences": 3})
        assert send(client, licences, label="Seats").status_code == 302


def user_of(kind):
    """Something that uses the attribute `licences`, and how the page names it."""
    target = {"attribute": "licences"}
    score = Score.objects.create(name="Sales")
    test = {"source": "attribute", "field": "licences", "test": "greater", "value": 1}
    if kind == "form connection":
        FormConnection.objects.create(
            name="Quote", page_id=1, fields={"e": {"field": "email"}, "n": target}
        )
        return "the form connection “Quote”"
    if kind == "attribute rule":
        Rule.objects.create(score=score, name="Many", kind="attribute", points=1, **test)
        return "the rule “Many” of the score “Sales”"
    if kind == "condition rule":
        condition = {"all": [{"any": [test]}]}
        Rule.objects.create(
            score=score, name="Many", kind="condition", points=1, condition=condition
        )
        return "the rule “Many” of the score “Sales”"
    if kind == "mapping":
        source = {"source": "attribute", "name": "licences"}
        Mapping.objects.create(name="Leads", fields={"NumberOfEmployees": source})
        return "the mapping “Leads”"
    settings = ReplicationSettings.load()
    settings.consent_attribute = "licences"
    settings.save()
    return "the consent attribute in the replication settings"


class TestDeletingAnAttribute:
    def url(self, attribute):
        return reverse(f"{ATTRIBUTES}:delete", args=[attribute.pk])

    @pytest.mark.parametrize(
        "kind", ["form connection", "attribute rule", "condition rule", "mapping", "consent"]
    )
    def test_is_refused_while_something_uses_it(self, client, licences, kind):
        words = user_of(kind)
        assert words in client.get(self.url(licences)).content.decode()
        response = client.post(self.url(licences), follow=True)
        assert "“Licences” is in use, so it was not deleted." in messages_of(response)
        assert Attribute.objects.exists()

    def test_takes_the_values_of_all_contacts(self, client, licences, monkeypatch):
        monkeypatch.setattr("wagtail_salesforce.admin.attributes_use.CHUNK", 2)
        for number in range(5):
            Contact.objects.create(
                email=f"p{number}@example.org", attributes={"licences": number, "plan": "Gold"}
            )
        assert "5 contacts have a value of it." in client.get(self.url(licences)).content.decode()
        client.post(self.url(licences))
        assert not Attribute.objects.exists()
        assert {str(contact.attributes) for contact in Contact.objects.all()} == {
            "{'plan': 'Gold'}"
        }

    def test_marks_nobody_due(self, client, licences):
        Contact.objects.create(email="a@b.example", attributes={"licences": 1})
        LeadLink.objects.update(due_at=None)
        client.post(self.url(licences))
        assert not LeadLink.objects.filter(due_at__isnull=False).exists()


class TestActivityTypes:
    def send(self, client, **data):
        return client.post(reverse(f"{TYPES}:add"), data)

    def test_are_added(self, client):
        assert self.send(client, label="Purchase", name="purchase").status_code == 302
        assert ActivityType.objects.get().label == "Purchase"

    @pytest.mark.parametrize("name", ["form_submission", "page_visit", "Purchase", "a b", ""])
    def test_need_a_name_that_can_be_used(self, client, name):
        response = self.send(client, label="X", name=name)
        assert list(response.context["form"].errors) == ["name"]

    def test_keep_their_name(self, client):
        purchase = ActivityType.objects.create(name="purchase", label="Purchase")
        url = reverse(f"{TYPES}:edit", args=[purchase.pk])
        client.post(url, {"label": "Sale", "name": "sale"})
        purchase.refresh_from_db()
        assert (purchase.name, purchase.label) == ("purchase", "Sale")

    def test_that_are_built_in_are_named_on_the_list(self, client):
        page = client.get(reverse(f"{TYPES}:index")).content.decode()
        assert "Form submission" in page
        assert "Shortened for Salesforce" not in page

    @pytest.mark.parametrize("user", ["rule", "form connection"])
    def test_are_not_deleted_while_in_use(self, client, user):
        purchase = ActivityType.objects.create(name="purchase", label="Purchase")
        if user == "rule":
            score = Score.objects.create(name="Sales")
            Rule.objects.create(
                score=score, name="R", kind="activity", activity_type="purchase", points=1
            )
        else:
            FormConnection.objects.create(name="Quote", page_id=1, activity_type="purchase")
        url = reverse(f"{TYPES}:delete", args=[purchase.pk])
        assert "in use and cannot be deleted yet" in client.get(url).content.decode()
        client.post(url)
        assert ActivityType.objects.exists()

    def test_go_and_their_activities_stay(self, client):
        purchase = ActivityType.objects.create(name="purchase", label="Purchase")
        contact = Contact.objects.create(email="a@b.example")
        Activity.objects.create(contact=contact, type="purchase")
        client.post(reverse(f"{TYPES}:delete", args=[purchase.pk]))
        assert not ActivityType.objects.exists()
        assert Activity.objects.exists()
