"""The panel and the mapping editor right to left, on a telephone, and with a big company's fields."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from wagtail.users.models import UserProfile

from tests.browser.access import not_isolated, open_all, overlaps
from tests.browser.waiting import becomes, resize
from tests.browser.windows import NARROW
from tests.ready import ready, suggested
from wagtail_salesforce.mapping.models import Mapping


pytestmark = pytest.mark.django_db(transaction=True)

PANEL = "/admin/salesforce/"


@pytest.fixture
def arabic(org, admin, windows):
    """A window of somebody whose own language is Arabic, on a site where a field is gone."""
    ready(org)
    Mapping.objects.update(fields=suggested() | {"Gone__c": {"source": "field", "name": "city"}})
    profile = UserProfile.get_for_user(admin)
    profile.preferred_language = "ar"
    profile.save()
    return windows.open(admin)


def edit_url():
    return (
        f"/admin/snippets/wagtail_salesforce/mapping/edit/{Mapping.objects.get(name='Leads').pk}/"
    )


def left(locator):
    return locator.bounding_box()["x"]


def test_the_panel_is_mirrored(arabic, check_width):
    page = arabic
    page.goto(PANEL)
    open_all(page, ".ws-page")
    assert page.evaluate("[document.documentElement.dir, document.documentElement.lang]") == [
        "rtl",
        "ar",
    ]
    border = "element => getComputedStyle(element).borderRightWidth"
    assert page.locator(".ws-problems").first.evaluate(border) == "6px"
    cards = page.locator(".ws-strip > .ws-card")
    assert left(cards.nth(0)) > left(cards.nth(1))
    assert not_isolated(page, ".ws-page") == []
    template = page.locator("#id_lead_description")
    template.fill("{{ contact.last_name }}")
    assert template.evaluate("element => getComputedStyle(element).unicodeBidi") == "plaintext"
    assert overlaps(page, ".ws-page") == []
    check_width(page, ".ws-page")
    resize(page, NARROW)
    becomes(lambda: overlaps(page, ".ws-page"), [])


def test_the_mapping_editor_is_mirrored(arabic, check_width):
    page = arabic
    page.goto(edit_url())
    row = page.locator("[data-ws-map-row=LastName]")
    assert left(row.locator("label")) > left(row.locator("select"))
    border = "element => getComputedStyle(element).borderRightWidth"
    assert float(row.evaluate(border).removesuffix("px")) > 1
    assert not_isolated(page, ".ws-map") == []
    assert overlaps(page, ".ws-map") == []
    check_width(page, ".ws-map")
    resize(page, NARROW)
    becomes(lambda: overlaps(page, ".ws-map"), [])


def test_the_mapping_of_a_big_company(page, org, check_width):
    """800 fields, long picklists, labels with markup and without a blank, State and Country codes."""
    org.shape("large", "state_country", "record_types", "multi_currency", "person_accounts")
    ready(org)
    page.goto(edit_url())
    search = page.get_by_label("Find a field")
    for wanted, label in (
        ("markup__c", "<script>"),
        ("arabic__c", "ملاحظات العميل"),
        ("unbroken__c", "W" * 40),
        ("statecode", "State/Province Code"),
    ):
        search.fill(wanted)
        row = page.locator("[data-ws-map-row]:visible")
        expect(row).to_have_count(1)
        expect(row.locator("label")).to_contain_text(label)
        assert overlaps(page, ".ws-map") == []
    search.fill("acme__Web")
    expect(row.first).to_have_attribute("data-ws-map-row", re.compile("^acme__Web"))
    check_width(page, ".ws-map")
    search.fill("branch")
    expect(page.locator("#source-Branch__c")).to_be_visible()
    assert overlaps(page, ".ws-map") == []
