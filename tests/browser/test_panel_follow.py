"""The panel after Replicate now, in a browser: it follows the run and reads out how it went."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import eventually
from tests.cluster import work
from tests.one_at_a_time import alone
from tests.ready import make_contacts, ready
from wagtail_salesforce.replication.models import Run


pytestmark = pytest.mark.django_db(transaction=True)

PANEL = "/admin/salesforce/"


def test_the_panel_follows_a_run_and_stops(page, org, check_accessibility):
    ready(org)
    make_contacts(2)
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if "/top/" in request.url else None
    )
    page.goto(PANEL)
    runs, told = page.locator("#ws-card-runs"), page.locator(".ws-top > [role=status]")
    page.get_by_role("button", name="Replicate now").focus()
    page.keyboard.press("Enter")
    expect(runs).to_contain_text("Replicate now was pressed.")
    expect(told).to_be_empty()
    with alone():
        work()
    expect(runs).to_contain_text("2 created.")
    expect(told).to_have_text("Finished. 2 created.")
    expect(page.locator("[data-count=replicated]")).to_have_text("2")
    check_accessibility(page, ".ws-page")
    so_far = len(asked)
    with page.expect_response("**/admin/salesforce/reports/runs/"):
        page.get_by_role("link", name="All runs").click()
    assert 0 < so_far == len(asked)


def test_nothing_is_asked_while_nothing_happens(windows, admin, org):
    page = windows.open(admin, keep=False)
    ready(org)
    Run.objects.create(state="finished", trigger="schedule", created=1)
    page.clock.install()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(PANEL)
    expect(page.locator("#ws-card-runs")).to_contain_text("1 created.")
    page.clock.run_for(60_000)
    # What has been asked for before is known by then.
    page.reload()
    assert not [url for url in asked if "/top/" in url]


def test_without_a_script_the_page_offers_to_be_loaded_again(windows, admin, org):
    ready(org)
    Run.objects.create(state="running", trigger="schedule")
    page = windows.open(admin, java_script_enabled=False)
    page.goto(PANEL)
    page.get_by_role("link", name="Reload this page").click()
    expect(page.locator("#ws-card-runs")).to_contain_text("Under way")


def test_who_reads_is_not_disturbed(page, org):
    """What changes while somebody is at a link of a card stays until they have left it."""
    ready(org)
    Run.objects.create(state="running", trigger="schedule")
    page.goto(PANEL)
    link = page.get_by_role("link", name="All runs")
    link.focus()
    with alone():
        Run.objects.update(state="finished", created=5)
    expect(page.locator(".ws-top > [role=status]")).to_have_text("Finished. 5 created.")
    expect(link).to_be_focused()
    page.get_by_role("button", name="Replicate now").focus()
    expect(page.locator("#ws-card-runs")).to_contain_text("5 created.")


def test_a_link_to_a_setting_brings_the_keyboard_there(page, org):
    ready(org, default_company_name="")
    page.goto(PANEL)
    page.locator("[data-problem=no_default_company] a").press("Enter")
    field = page.locator("#id_default_company_name")
    expect(field).to_be_in_viewport()
    expect(field).to_be_focused()
    # It comes to stand below the header.
    header = page.locator("header").first.bounding_box()
    end = header["y"] + header["height"]
    eventually(lambda: field.bounding_box()["y"], lambda top: top > end)
    page.keyboard.type("Unknown")
    expect(field).to_have_value("Unknown")
