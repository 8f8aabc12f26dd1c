"""The settings of replication on the panel, with a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.access import open_all
from tests.browser.waiting import leaving
from tests.one_at_a_time import alone
from tests.ready import PLAIN, make_contacts, ready
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Score


pytestmark = pytest.mark.django_db(transaction=True)

PANEL = "/admin/salesforce/"
TEMPLATE = {"source": "custom", "name": "lead_description"}


@pytest.fixture
def panel(page, org):
    """The panel of a site that is ready, with attributes and a contact."""
    ready(org, fields={**PLAIN, "Title": TEMPLATE})
    lead_describe()
    Attribute.objects.create(name="news", label="Newsletter", type="boolean")
    Attribute.objects.create(name="licences", label="Licences wanted", type="integer")
    make_contacts(2, city="Leeds", postal_code="LS1")
    page.goto(PANEL)
    return page


def test_a_name_is_inserted_at_the_cursor_by_keyboard(panel, check_accessibility):
    area = panel.get_by_label("Template")
    area.fill("From  with love")
    area.evaluate("area => area.setSelectionRange(5, 5)")
    panel.get_by_text("Insert a contact field or attribute").focus()
    panel.keyboard.press("Enter")
    panel.keyboard.press("Tab")
    search = panel.get_by_label("Find a name")
    expect(search).to_be_focused()
    panel.keyboard.type("nothing like it")
    expect(panel.get_by_text("No name fits.")).to_be_visible()
    search.fill("c")
    panel.keyboard.press("Enter")
    search.fill("")
    panel.keyboard.type("CITY")
    panel.keyboard.press("ArrowDown")
    expect(panel.get_by_role("button", name="City {{ contact.city }} Text")).to_be_focused()
    panel.keyboard.press("Enter")
    expect(area).to_have_value("From {{ contact.city }} with love")
    expect(area).to_be_focused()
    expect(panel.locator(".ws-description__text")).to_have_text("From Leeds with love")
    check_accessibility(panel, ".ws-description")
    assert not ReplicationSettings.objects.filter(lead_description__contains="love").exists()


def test_the_arrow_keys_move_through_the_names(panel):
    panel.get_by_text("Insert a contact field or attribute").click()
    names = panel.locator("[data-ws-insert] button")
    first, last = names.first, names.last
    panel.get_by_label("Find a name").focus()
    panel.keyboard.press("Tab")
    expect(first).to_be_focused()
    panel.keyboard.press("End")
    expect(last).to_be_focused()
    expect(last).to_contain_text("attributes.")
    panel.keyboard.press("Home")
    panel.keyboard.press("ArrowDown")
    expect(names.nth(1)).to_be_focused()
    panel.keyboard.press("Tab")
    expect(panel.get_by_label("Try it with a contact")).to_be_focused()
    panel.keyboard.press("Shift+Tab")
    expect(names.nth(1)).to_be_focused()
    panel.keyboard.press("ArrowUp")
    panel.keyboard.press("ArrowUp")
    expect(panel.get_by_label("Find a name")).to_be_focused()


def test_the_template_is_checked_and_previewed_as_it_is_typed(panel, check_accessibility):
    with alone():
        Contact.objects.filter(email="person1@example.org").update(city="Łódź " * 19)
    area, result = panel.get_by_label("Template"), panel.locator(".ws-description__result")
    area.fill("{{ contact.surname }}")
    expect(result).to_contain_text("Did you mean contact.last_name?")
    check_accessibility(panel, ".ws-description")
    area.fill("{{ contact.city }} {{ contact.city }}")
    expect(result).to_contain_text("The template is correct.")
    contact = panel.get_by_label("Try it with a contact")
    contact.fill("person1@example.org")
    contact.press("Enter")
    expect(result).to_contain_text("For Ada Person 1:")
    expect(result).to_contain_text("takes 128 characters. The text is shortened to:")
    check_accessibility(panel, ".ws-description")
    contact.fill("nobody@example.org")
    panel.get_by_role("button", name="Check and preview").click()
    expect(result).to_contain_text("No contact has this e-mail address")
    expect(panel).to_have_url(re.compile(f"{PANEL}$"))


def test_a_refused_template_is_told_line_by_line_until_it_is_checked_again(panel):
    area, result = panel.get_by_label("Template"), panel.locator(".ws-description__result")
    area.fill("{{ contact.surname }}\n{{ contact.x }}")
    with leaving(panel):
        panel.get_by_role("button", name="Save replication settings").click()
    told = panel.locator(".ws-description .error-message")
    lines = told.inner_text().strip().split("\n")
    assert [each.split(":")[0] for each in lines] == ["Line 1, character 1", "Line 2, character 1"]
    area.fill("{{ contact.last_name }}")
    panel.get_by_role("button", name="Check and preview").click()
    expect(result).to_contain_text("The template is correct.")
    expect(told).to_have_count(0)
    expect(panel.locator(".ws-description .w-field--error")).to_have_count(0)


def test_only_what_a_choice_needs_is_asked_for(panel):
    minutes = panel.get_by_label("Minutes between runs")
    expect(minutes).to_be_visible()
    panel.get_by_label("Run on a schedule").uncheck()
    expect(minutes).to_be_hidden()
    rule = panel.get_by_label("Id of the assignment rule")
    expect(rule).to_be_hidden()
    panel.get_by_label("One assignment rule, by its id").check()
    expect(rule).to_be_visible()


def test_how_many_contacts_a_choice_means_is_said_before_it_is_saved(panel, check_accessibility):
    with alone():
        Score.objects.create(name="Sales ready")
        Contact.objects.filter(email="person1@example.org").update(attributes={"news": True})
    panel.reload()
    expect(panel.get_by_label("Minimum points")).to_be_hidden()
    panel.get_by_label("Contacts to replicate").select_option(
        label="Contacts with enough points in “Sales ready”"
    )
    points = panel.get_by_label("Minimum points")
    expect(points).to_be_visible()
    expect(panel.get_by_text("2 contacts have enough points now.")).to_be_visible()
    points.fill("1")
    expect(panel.get_by_text("0 contacts have enough points now.")).to_be_visible()
    panel.get_by_label("Consent", exact=True).select_option("news")
    expect(panel.get_by_text("Holds back 1 of 2 contacts now")).to_be_visible()
    check_accessibility(panel, ".ws-settings")


def test_a_telephone_has_room_for_it(panel, check_width):
    open_all(panel, ".ws-settings")
    panel.get_by_label("Template").fill("{{ contact.city }}" + "x" * 300)
    expect(panel.locator(".ws-description__text").first).to_be_visible()
    check_width(panel, ".ws-settings")


def test_without_a_script_the_names_are_read_and_the_preview_is_a_page(
    panel, windows, admin, check_width
):
    page = windows.open(admin, java_script_enabled=False)
    page.goto(PANEL)
    page.get_by_text("Insert a contact field or attribute").click()
    expect(page.get_by_text("{{ attributes.licences }}")).to_be_visible()
    expect(page.get_by_label("Find a name")).to_be_hidden()
    page.get_by_label("Template").fill("{{ contact.city }}!")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Check and preview").click()
    expect(opened.value.locator(".ws-description__text")).to_have_text("Leeds!")
    expect(page.get_by_label("Template")).to_have_value("{{ contact.city }}!")
