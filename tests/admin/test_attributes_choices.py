"""Attributes of the type choice: set up in the admin, chosen in the form of a contact."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.admin.contact_form import edit_url, filled
from tests.admin.contact_form import send as send_contact
from tests.admin.people import client_of, messages_of
from wagtail_salesforce.contacts.models import Attribute, Contact


pytestmark = pytest.mark.django_db

ATTRIBUTES = "wagtail_salesforce_attributes"


@pytest.fixture
def client():
    return client_of("add_attribute", "change_attribute", "view_contact", "change_contact")


@pytest.fixture
def plan():
    return Attribute.objects.create(
        name="plan", label="Plan", type="choice", choices="Gold\nSilver"
    )


def send(client, attribute=None, follow=False, **changes):
    name, args = ("edit", [attribute.pk]) if attribute else ("add", [])
    data = {"label": "Plan", "name": "plan", "type": "choice", "help_text": "", **changes}
    return client.post(reverse(f"{ATTRIBUTES}:{name}", args=args), data, follow=follow)


class TestSettingUp:
    def test_keeps_one_choice_a_line(self, client):
        assert send(client, choices=" Gold \r\n\r\nSilver").status_code == 302
        assert Attribute.objects.get().choices == "Gold\nSilver"

    @pytest.mark.parametrize(
        ("choices", "cure"),
        [
            ("", "Give at least one choice, each on a line of its own."),
            (" \n ", "Give at least one choice"),
            ("Gold\nSilver\ngold", "“gold” stands here more than once"),
            ("x" * 256, "has more than 255 characters. Shorten it."),
        ],
    )
    def test_refuses_choices_that_cannot_be_used(self, client, choices, cure):
        form = send(client, choices=choices).context["form"]
        assert list(form.errors) == ["choices"]
        assert cure in form.errors["choices"][0]
        assert not Attribute.objects.exists()

    def test_other_types_have_none(self, client):
        send(client, type="text", choices="Gold\nGold")
        assert Attribute.objects.get().choices == ""

    @pytest.mark.parametrize(("kind", "hidden"), [("text", True), ("choice", False)])
    def test_the_box_is_there_for_choices_alone(self, client, kind, hidden):
        attribute = Attribute.objects.create(name="a", label="A", type=kind, choices="Gold")
        url = reverse(f"{ATTRIBUTES}:edit", args=[attribute.pk])
        html = client.get(url).content.decode()
        (box,) = [line for line in html.splitlines() if "data-w-rules=" in line]
        assert ("hidden" in box) is hidden

    def test_taking_a_choice_away_says_how_many_contacts_hold_it(self, client, plan):
        for number, choice in enumerate(["Gold", "Gold", "Silver"]):
            Contact.objects.create(email=f"p{number}@example.org", attributes={"plan": choice})
        told = messages_of(send(client, plan, follow=True, choices="Silver\nBronze"))
        assert [text for text in told if "2 contacts still hold “Gold”" in text]
        plan.refresh_from_db()
        assert plan.choices == "Silver\nBronze"
        assert Contact.objects.filter(attributes__plan="Gold").count() == 2

    def test_any_name_will_do(self, client):
        """Also one that means something else to the database's lookups."""
        plan = Attribute.objects.create(
            name="isnull", label="Plan", type="choice", choices="Gold\nSilver"
        )
        Contact.objects.create(attributes={"isnull": "Silver"})
        response = send(client, plan, name="isnull", choices="Gold", follow=True)
        assert any("1 contact" in message for message in messages_of(response))

    def test_taking_away_what_nobody_holds_says_nothing(self, client, plan):
        told = messages_of(send(client, plan, follow=True, choices="Silver"))
        assert not [text for text in told if "still hold" in text]

    def test_keeps_its_type_once_somebody_has_a_value(self, client, plan):
        Contact.objects.create(email="a@example.org", attributes={"plan": "Gold"})
        form = send(client, plan, type="text").context["form"]
        assert list(form.errors) == ["type"]


class TestAContactsForm:
    @pytest.fixture
    def ada(self, plan):
        return Contact.objects.create(email="ada@example.org", attributes={"plan": "Gold"})

    def options(self, client, contact):
        form = client.get(edit_url(contact)).context["form"]
        return [value for value, _label in form.fields["attribute-plan"].choices]

    def test_offers_the_choices(self, client, ada):
        assert self.options(client, ada) == ["", "Gold", "Silver"]
        assert filled(client, edit_url(ada))["attribute-plan"] == "Gold"

    def test_saves_and_empties_one(self, client, ada):
        send_contact(client, edit_url(ada), **{"attribute-plan": "Silver"})
        ada.refresh_from_db()
        assert ada.attributes == {"plan": "Silver"}
        send_contact(client, edit_url(ada), **{"attribute-plan": ""})
        ada.refresh_from_db()
        assert ada.attributes == {}

    def test_refuses_what_is_none(self, client, ada):
        response = send_contact(client, edit_url(ada), **{"attribute-plan": "Bronze"})
        assert list(response.context["form"].errors) == ["attribute-plan"]

    def test_keeps_a_former_choice_until_somebody_changes_it(self, client, ada, plan):
        Attribute.objects.update(choices="Silver\nBronze")
        assert self.options(client, ada) == ["", "Silver", "Bronze", "Gold"]
        assert "Gold (no choice any more)" in client.get(edit_url(ada)).content.decode()
        assert send_contact(client, edit_url(ada), city="York").status_code == 302
        ada.refresh_from_db()
        assert (ada.attributes, ada.city) == ({"plan": "Gold"}, "York")
