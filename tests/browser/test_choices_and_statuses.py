"""An attribute with choices and a status, made and chosen as an editor does."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import leaving
from wagtail_salesforce.contacts.models import Attribute, Contact, ContactStatus


pytestmark = pytest.mark.django_db(transaction=True)

ATTRIBUTES = "/admin/salesforce/attributes/"
STATUSES = "/admin/salesforce/statuses/"
CONTACTS = "/admin/salesforce/contacts/"


@pytest.fixture
def accessible(check_accessibility, check_width):
    """Checks the page as it stands: by axe in both schemes, and its fields on a telephone."""

    def check(page):
        check_accessibility(page, "main")
        if page.locator(".fields").count():
            check_width(page, ".fields")

    return check


def test_the_box_of_choices_comes_with_the_type(page, accessible):
    page.goto(f"{ATTRIBUTES}new/")
    box = page.get_by_label("Choices")
    expect(box).to_be_hidden()
    page.get_by_label("Label").fill("Plan")
    page.get_by_label("Name").fill("plan")
    page.get_by_label("Type").select_option("choice")
    expect(box).to_be_visible()
    accessible(page)
    box.fill("Gold\nSilver")
    page.get_by_role("button", name="Create").click()
    expect(page.locator(".messages")).to_contain_text("created")
    assert Attribute.objects.get().choices == "Gold\nSilver"

    with leaving(page):
        page.get_by_role("link", name="Plan", exact=True).click()
    expect(box).to_be_visible()
    page.get_by_label("Type").select_option("text")
    expect(box).to_be_hidden()


def test_taking_a_choice_away_tells_who_holds_it(page, accessible):
    plan = Attribute.objects.create(
        name="plan", label="Plan", type="choice", choices="Gold\nSilver"
    )
    Contact.objects.create(email="ada@example.org", attributes={"plan": "Gold"})
    page.goto(f"{ATTRIBUTES}edit/{plan.pk}/")
    page.get_by_label("Choices").fill("Silver\nsilver")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("stands here more than once")).to_be_visible()
    page.get_by_label("Choices").fill("Silver")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".messages")).to_contain_text("1 contact still holds “Gold”")
    accessible(page)


def test_a_status_and_a_choice_are_given_to_a_contact(page, accessible):
    Attribute.objects.create(name="plan", label="Plan", type="choice", choices="Gold\nSilver")
    ada = Contact.objects.create(email="ada@example.org", last_name="Lovelace")
    page.goto(f"{STATUSES}new/")
    page.get_by_label("Name").fill("Prospect")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("link", name="Prospect", exact=True)).to_be_visible()
    accessible(page)
    assert ContactStatus.objects.get().name == "Prospect"

    page.goto(f"{CONTACTS}edit/{ada.pk}/")
    page.get_by_label("Status", exact=True).select_option("Prospect")
    page.get_by_label("Plan", exact=True).select_option("Silver")
    page.get_by_role("button", name="Save").click()
    expect(page).not_to_have_url(re.compile("/edit/"))
    ada.refresh_from_db()
    assert (ada.status, ada.attributes) == ("Prospect", {"plan": "Silver"})

    page.goto(f"{STATUSES}edit/{ContactStatus.objects.get().pk}/")
    expect(page.get_by_label("Name")).to_be_disabled()
    accessible(page)
