"""A marketer imports a file of contacts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_connect_form_and_score import menu
from tests.browser.waiting import leaving
from tests.cluster import work
from tests.one_at_a_time import alone
from wagtail_salesforce.contacts.models import Contact


pytestmark = pytest.mark.django_db(transaction=True)

ROWS = (
    "E-mail;Full name;Company;Birthday;Favourite colour\n"
    "ada@engines.example;Ada Lovelace;Analytical Engines;10/12/1985;blue\n"
    "charles@engines.example;Charles Babbage;Analytical Engines;soon;green\n"
    "nobody;Nobody;;;\n"
)


def test_import_from_a_file(page, live_server, tmp_path, check_accessibility, check_width):
    file = tmp_path / "people.csv"
    file.write_text(ROWS, encoding="utf-8")

    def check():
        check_accessibility(page, "main")
        check_width(page, "main")

    page.goto("/admin/")
    menu(page, "Import")
    check()
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Upload and choose columns").click()

    expect(page.get_by_label("E-mail")).to_have_value("email")
    expect(page.get_by_label("Full name")).to_have_value("full_name")
    expect(page.get_by_label("Favourite colour")).to_have_value("")
    expect(page.get_by_role("row", name="Favourite colour")).to_contain_text("green")
    check()
    page.get_by_role("button", name="Try it first").click()
    expect(page.get_by_text("No contact is changed.")).to_be_visible()
    check()
    with alone():
        work()
    page.reload()
    expect(page.locator("#result-section")).to_contain_text("New contacts")
    expect(page.locator("#refused-section")).to_contain_text("The e-mail address is not valid.")
    expect(page.locator("#notes-section")).to_contain_text("Birthday was not taken over")
    check()
    assert not Contact.objects.exists()

    with page.expect_download() as download:
        page.get_by_role("link", name="Download refused rows").click()
    assert download.value.suggested_filename.startswith("refused-rows")
    with leaving(page):
        page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="Import", exact=True)).to_be_visible()
    with alone():
        work()
    page.reload()
    expect(page.locator("#result-section")).to_contain_text("2")
    assert Contact.objects.get(email="ada@engines.example").last_name == "Lovelace"
    page.goto("/admin/salesforce/imports/")
    expect(page.get_by_role("row", name="people.csv")).to_contain_text("Imported")
    check()
