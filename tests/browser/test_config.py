"""The set-up travels to another site: exported, looked at, imported."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import leaving
from tests.ready import ready
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Score


pytestmark = pytest.mark.django_db(transaction=True)

PANEL = "/admin/salesforce/"
PAGE = "/admin/salesforce/config/"


def test_from_one_site_to_another(page, org, tmp_path, check_accessibility, check_width):
    ready(org)
    Score.objects.create(name="Sales ready")

    def check():
        check_accessibility(page, ".ws-config")
        check_width(page, ".ws-config")

    page.goto(PANEL)
    page.get_by_role("link", name="Open export and import").focus()
    with leaving(page):
        page.keyboard.press("Enter")
    expect(page).to_have_url(page.url.split("/admin/")[0] + PAGE)
    check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").press("Enter")
    file = tmp_path / "set-up.json"
    download.value.save_as(file)

    document = json.loads(file.read_text(encoding="utf-8"))
    document["settings"]["lead_description"] = "{{ contact.first_name }}\n" * 40
    document["mapping"]["fields"]["Website"] = {"source": "constant", "value": "www.example.org"}
    del document["mapping"]["fields"]["City"]
    document["scores"] = [{"name": "Newsletter readers", "rules": []}]
    file.write_text(json.dumps(document), encoding="utf-8")
    page.get_by_label("JSON document").set_input_files(file)
    page.get_by_role("button", name="Show the differences").press("Enter")
    mappings = page.get_by_role("table", name="Mappings")
    expect(mappings.get_by_role("row", name="City")).to_contain_text("Removed")
    expect(mappings.get_by_role("row", name="Website")).to_contain_text("www.example.org")
    expect(page.get_by_text("Not in the file, stays as it is: Sales ready.")).to_be_visible()
    page.locator("summary", has_text="Show the value").press("Enter")
    check()
    page.get_by_role("button", name="Import these changes").press("Enter")
    expect(page.locator(".messages")).to_contain_text("4 changes were imported.")
    assert "City" not in Mapping.objects.get().fields
    assert Score.objects.count() == 2


def test_a_file_that_does_not_fit(page, tmp_path, settings, check_accessibility, check_width):
    settings.LANGUAGE_CODE = "ar"
    file = tmp_path / "set-up.json"
    page.goto(PAGE)
    assert page.evaluate("document.documentElement.dir") == "rtl"
    for document in (
        {"version": 1, "setings": {}, "settings": {"batch_size": "many"}},
        {"version": 1, "settings": {"score": "A score that is nowhere to be found" * 3}},
    ):
        file.write_text(json.dumps(document), encoding="utf-8")
        page.locator("[name=import-file]").set_input_files(file)
        with leaving(page):
            page.locator(".ws-config form[method=post] button").click()
        expect(page.locator(".ws-config__problems code").first).to_contain_text("settings.")
        check_accessibility(page, ".ws-config")
        check_width(page, ".ws-config")
    assert not ReplicationSettings.objects.filter(score__isnull=False).exists()
