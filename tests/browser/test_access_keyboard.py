"""The panel and the mapping editor without a mouse: every control, every action, in high contrast."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.access import open_all, overlaps, tab_through
from tests.browser.waiting import leaving, type_choice
from tests.ready import make_contacts, ready
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings


pytestmark = pytest.mark.django_db(transaction=True)

PANEL = "/admin/salesforce/"


@pytest.fixture
def site(org):
    """A site that replicates."""
    ready(org)
    return org


def edit_url():
    return (
        f"/admin/snippets/wagtail_salesforce/mapping/edit/{Mapping.objects.get(name='Leads').pk}/"
    )


def test_every_control_of_the_panel_is_reached_and_shows_its_focus(page, site):
    """In forced colours, where shadows and backgrounds show no focus."""
    page.emulate_media(forced_colors="active")
    page.goto(PANEL)
    open_all(page, ".ws-page")
    assert tab_through(page, ".ws-page") == []
    for way in ("Client credentials", "JWT bearer"):
        page.get_by_label(way, exact=True).check()
        assert tab_through(page, "#ws-access-form") == []
    assert overlaps(page, ".ws-page") == []


def test_every_control_of_the_mapping_is_reached_and_shows_its_focus(page, site):
    page.emulate_media(forced_colors="active")
    page.goto(edit_url())
    assert tab_through(page, ".ws-map") == []
    assert overlaps(page, ".ws-map") == []


def test_the_panels_actions_by_keyboard(page, site):
    page.goto(PANEL)
    page.get_by_label("Minutes between runs").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("25")
    with leaving(page):
        page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_be_visible()
    assert ReplicationSettings.objects.get().schedule_minutes == 25
    page.get_by_role("button", name="Test connection").focus()
    with leaving(page):
        page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text(re.compile("works|Practice Org"))
    page.get_by_role("button", name="Replicate now").focus()
    with leaving(page):
        page.keyboard.press("Space")
    expect(page.locator(".messages")).to_contain_text("Replication is starting")
    page.locator("summary", has_text="Change the access").focus()
    page.keyboard.press("Space")
    expect(page.get_by_label("Consumer secret")).to_be_visible()


def test_a_description_is_written_by_keyboard(page, site):
    make_contacts(1)
    page.goto(PANEL)
    template = page.get_by_label("Template")
    template.fill("Hello ")
    summary = page.locator("summary", has_text="Insert a contact field")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Find a name")).to_be_focused()
    page.keyboard.type("job")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(template).to_have_value(re.compile(r"^Hello \{\{ contact\.job_title \}\}"))
    page.get_by_role("button", name="Check and preview").focus()
    page.keyboard.press("Enter")
    result = page.locator("[data-ws-description-target=result]")
    expect(result).to_contain_text("Hello")
    expect(result).to_have_attribute("role", "status")


def test_a_mapping_is_made_by_keyboard(page, site):
    make_contacts(1)
    page.goto(edit_url())
    page.get_by_label("Find a field").focus()
    page.keyboard.type("numberofemp")
    expect(page.locator("[data-ws-map-row]:visible")).to_have_count(1)
    page.keyboard.press("Tab")  # Mapped only
    page.keyboard.press("Tab")  # Reload fields
    page.keyboard.press("Tab")
    employees = page.locator("#source-NumberOfEmployees")
    expect(employees).to_be_focused()
    page.keyboard.press("End")
    expect(employees).not_to_have_value("")
    expect(employees).to_be_focused()
    page.get_by_label("Find a field").fill("")
    fax = page.locator("#source-Fax")
    expect(fax).to_be_visible()
    contact = page.get_by_label("E-mail of a contact")
    contact.focus()
    page.keyboard.type("person0@example.org")
    page.keyboard.press("Enter")
    expect(page.locator("[data-ws-map-result]")).to_contain_text("Last Name")
    page.locator("#source-NumberOfEmployees").select_option("")
    fax.focus()
    type_choice(fax, "Mobile")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("updated")
    assert Mapping.objects.get(name="Leads").fields["Fax"]["name"] == "mobile_phone"
