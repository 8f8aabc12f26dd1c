"""Changes of the organization's fields and the question that follows a save, in a real browser."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import leaving
from tests.browser.windows import NARROW
from tests.ready import PLAIN, make_contacts, ready, run
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.again import is_asked
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings


pytestmark = pytest.mark.django_db(transaction=True)

PANEL = "/admin/salesforce/"
RESEND = f"{PANEL}resend/"


@pytest.fixture
def site(org):
    """A site at work, whose fields have changed in Salesforce since."""
    kinds = ["Hot", "Warm", "Cold"]
    org.add_field("Lead", name="Extra__c", label="Extra", type="string", length=40)
    org.add_field("Lead", name="Kind__c", label="Kind", type="picklist", picklist=kinds)
    more = {name: {"source": "field", "name": "city"} for name in ("Extra__c", "Kind__c")}
    ready(org, fields={**PLAIN, **more})
    make_contacts(3)
    run()
    org.add_field("Lead", name="Extra__c", length=20)
    org.add_field("Lead", name="Kind__c", restricted=True, picklist=kinds[:2])
    lead_describe(force=True)
    return org


def editor() -> str:
    return f"/admin/snippets/wagtail_salesforce/mapping/edit/{Mapping.objects.get().pk}/"


def shoot(page, name):
    """Pictures for people to look at, where WS_PICTURES names a directory."""
    if not (directory := os.environ.get("WS_PICTURES")):
        return
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=f"{directory}/{name}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROW)
    page.screenshot(path=f"{directory}/{name}-narrow.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_changes_are_read_and_the_question_is_answered_by_keyboard(
    page, site, check_accessibility, check_width
):
    page.goto(PANEL)
    warning = page.locator("[data-warning=drift]")
    expect(warning).to_contain_text("2 Lead fields have changed in Salesforce")
    expect(warning).to_contain_text("It took 40 characters and now takes 20.")
    shoot(page, "panel-drift")
    check_accessibility(page, ".ws-problems")
    with leaving(page):
        warning.get_by_role("link", name="Open the mapping").click()
    select = page.get_by_label("Extra", exact=True)
    expect(select).to_have_accessible_description(re.compile("now takes 20"))
    shoot(page, "editor-drift")
    check_accessibility(page, ".ws-map")
    check_width(page, ".w-form-width")
    page.locator("#source-Fax").select_option("field:mobile_phone")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/resend/**")
    shoot(page, "resend")
    check_accessibility(page, ".ws-page")
    check_width(page, ".ws-page")
    expect(page.locator("[data-count=contacts]")).to_have_text("3")
    page.get_by_role("button", name="Send them again").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Leave them as they are")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{editor()}")
    expect(page.get_by_text("3 contacts go again with the next run")).to_be_visible()
    assert LeadLink.objects.filter(due_at__isnull=False).count() == 3
    assert not is_asked(ReplicationSettings.load())
    expect(page.locator("[data-drift]")).to_have_count(0)
