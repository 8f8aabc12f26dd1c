"""Contacts → Statuses, and the status of a contact wherever it is used."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.admin.contact_form import edit_url, send
from tests.admin.people import client_of, messages_of
from wagtail_salesforce.contacts.models import Contact, ContactStatus
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints
from wagtail_salesforce.scoring.recalculate import recalculate


pytestmark = pytest.mark.django_db

STATUSES = "wagtail_salesforce_statuses"


@pytest.fixture
def client():
    rights = [f"{kind}_contactstatus" for kind in ("add", "change", "delete")]
    return client_of(*rights, "view_contact", "change_contact")


@pytest.fixture
def prospect():
    return ContactStatus.objects.create(name="Prospect")


def save(client, status=None, name="Prospect"):
    view, args = ("edit", [status.pk]) if status else ("add", [])
    return client.post(reverse(f"{STATUSES}:{view}", args=args), {"name": name})


def rule(**values):
    score = Score.objects.create(name="Sales")
    return Rule.objects.create(score=score, name="Warm", points=5, **values)


TESTED = {"source": "field", "field": "status", "test": "equals", "value": "prospect"}


class TestAStatus:
    def test_is_added_and_listed(self, client):
        assert save(client, name=" Prospect ").status_code == 302
        assert ContactStatus.objects.get().name == "Prospect"
        assert "Prospect" in client.get(reverse(f"{STATUSES}:index")).content.decode()

    @pytest.mark.parametrize("name", ["", "  ", "prospect", "PROSPECT ", "x" * 101])
    def test_needs_a_name_of_its_own(self, client, prospect, name):
        assert list(save(client, name=name).context["form"].errors) == ["name"]
        assert ContactStatus.objects.count() == 1

    def test_is_renamed_while_nothing_uses_it(self, client, prospect):
        save(client, prospect, name="Lead")
        assert ContactStatus.objects.get().name == "Lead"

    def test_may_change_its_own_case(self, client, prospect):
        save(client, prospect, name="PROSPECT")
        assert ContactStatus.objects.get().name == "PROSPECT"

    @pytest.mark.parametrize("user", ["contact", "rule", "condition"])
    def test_in_use_keeps_its_name_and_is_not_deleted(self, client, prospect, user):
        if user == "contact":
            Contact.objects.create(email="a@example.org", status="Prospect")
            words = "the status of 1 contact"
        elif user == "rule":
            rule(kind="attribute", **{**TESTED, "test": "in_list", "value": "x\nPROSPECT"})
            words = "the rule “Warm” of the score “Sales”"
        else:
            rule(kind="condition", condition={"any": [{"all": [TESTED]}]})
            words = "the rule “Warm” of the score “Sales”"
        save(client, prospect, name="Lead")
        url = reverse(f"{STATUSES}:delete", args=[prospect.pk])
        assert words in client.get(url).content.decode()
        told = messages_of(client.post(url, follow=True))
        assert "“Prospect” is in use, so it was not deleted." in told
        assert ContactStatus.objects.get().name == "Prospect"

    def test_is_deleted_when_nothing_uses_it(self, client, prospect):
        rule(kind="attribute", **{**TESTED, "value": "Customer"})
        client.post(reverse(f"{STATUSES}:delete", args=[prospect.pk]))
        assert not ContactStatus.objects.exists()

    @pytest.mark.parametrize("view", ["add", "edit", "delete"])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_needs_its_permission(self, prospect, view, method):
        stranger = client_of("view_contact", "change_contact")
        url = reverse(f"{STATUSES}:{view}", args=[] if view == "add" else [prospect.pk])
        response = getattr(stranger, method)(url, {"name": "Mine"})
        assert response.status_code == 302
        assert list(ContactStatus.objects.values_list("name", flat=True)) == ["Prospect"]


class TestTheStatusOfAContact:
    def test_is_chosen_in_its_form(self, client, prospect):
        ada = Contact.objects.create(email="ada@example.org")
        assert send(client, edit_url(ada), status="Prospect").status_code == 302
        ada.refresh_from_db()
        assert ada.status == "Prospect"
        response = send(client, edit_url(ada), status="Made up")
        assert list(response.context["form"].errors) == ["status"]

    def test_is_tested_by_rules(self, prospect):
        scored = rule(kind="attribute", **TESTED)
        for number, status in enumerate(["Prospect", "", "Customer"]):
            Contact.objects.create(email=f"p{number}@example.org", status=status)
        recalculate(scored.score)
        assert list(ScorePoints.objects.values_list("contact__status", "points")) == [
            ("Prospect", 5)
        ]

    def test_fills_a_lead_field(self):
        from tests.mapping.making import compiled, from_field, map_person

        mapping = compiled(Title=from_field("status"))
        assert map_person(mapping, status="Prospect")[0]["Title"] == "Prospect"
