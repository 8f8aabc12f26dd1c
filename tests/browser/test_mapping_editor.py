"""The mapping editor with a real browser: rows that answer while they change, hundreds of them."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Error, expect

from tests.browser.waiting import eventually, leaving, type_choice
from tests.one_at_a_time import alone
from tests.ready import make_contacts, ready, suggested
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.mapping.models import Mapping


pytestmark = pytest.mark.django_db(transaction=True)

BASE = "/admin/snippets/wagtail_salesforce/mapping/"
CHECK = "**/mapping/check/"


def stored(org, *shapes):
    """The address of a mapping with the suggested rows."""
    org.shape(*shapes)
    ready(org)
    lead_describe(force=True)
    Mapping.objects.update(fields=suggested())
    return f"{BASE}edit/{Mapping.objects.get().pk}/"


@pytest.fixture
def editor(page, org):
    page.goto(stored(org))
    return page


def row(page, name):
    return page.locator(f'[data-ws-map-row="{name}"]')


def expect_description(control, of):
    """A part of the page tells what a control is about."""
    expect(control).to_have_attribute("aria-describedby", re.compile(of))


def heard(page):
    """What a screen reader says on its own."""
    return page.locator("[data-ws-map-said]")


# Warnings while the rows change


def test_a_row_answers_as_it_changes(editor):
    editor.locator("#source-Email").select_option("constant")
    value = editor.locator("#constant-Email")
    value.fill("nobody@")
    expect(row(editor, "Email")).to_contain_text("Error: Give an e-mail address for Email")
    source = editor.locator("#source-Email")
    expect(source).to_have_attribute("aria-invalid", "true")
    expect_description(source, "problems-Email")
    expect_description(value, "problems-Email")
    expect(heard(editor)).to_contain_text("Email: Give an e-mail address")
    value.fill("sales@example.org")
    expect(row(editor, "Email").locator(".ws-row__problems")).to_be_empty()
    expect(source).not_to_have_attribute("aria-invalid", "true")
    expect(heard(editor)).to_have_text("Email: nothing is wrong.")
    assert Mapping.objects.get().fields["Email"]["source"] == "field", "nothing is saved"


def test_nobody_is_blamed_for_a_value_before_leaving_the_row(editor):
    editor.locator("#source-Website").focus()
    with editor.expect_response(CHECK):
        editor.locator("#source-Website").select_option("constant")
    expect(heard(editor)).to_have_text("Website: nothing is wrong.")
    expect(row(editor, "Website").locator(".ws-row__problems")).to_be_empty()
    editor.locator("#source-Fax").focus()
    expect(row(editor, "Website")).to_contain_text("Error: Give a value.")


def test_what_depends_on_other_rows_is_told_and_taken_back(editor):
    editor.locator("#source-LastName").select_option("")
    expect(row(editor, "LastName")).to_contain_text("Salesforce requires it")
    general = editor.locator("[data-ws-map-general]")
    expect(general).to_contain_text("Last Name (LastName)")
    editor.locator("#source-LastName").select_option("field:last_name")
    expect(general).to_be_empty()
    identifier = editor.locator("#id_external_id_field")
    identifier.select_option("")
    expect(editor.locator("#ws-map-identifier")).to_contain_text("No external identifier")
    expect(identifier).to_have_attribute("aria-invalid", "true")
    expect_description(identifier, "ws-map-identifier")
    identifier.select_option("Web_Contact_ID__c")
    expect(editor.locator("#ws-map-identifier")).to_be_empty()


def test_a_late_answer_is_no_answer(editor):
    """The first question is answered last; what it says is about a row of the past."""
    held = []
    editor.route(CHECK, lambda route: held.append(route) if not held else route.continue_())
    with editor.expect_request(CHECK):
        editor.locator("#source-Email").select_option("constant")
    with editor.expect_response(CHECK):
        editor.locator("#constant-Email").fill("sales@example.org")
    expect(heard(editor)).to_have_text("Email: nothing is wrong.")
    late = {"rows": {"Email": {"severity": "error", "html": "late", "text": "late"}}}
    # The page may have given the question up already, which is as good.
    with suppress(Error):
        held[0].fulfill(json=late | {"general": "late", "identifier": {"html": ""}})
    expect(row(editor, "Email")).not_to_contain_text("late")
    expect(row(editor, "Email").locator(".ws-row__problems")).to_be_empty()


@pytest.mark.parametrize("status", [0, 409, 500])
def test_a_check_that_fails_says_so_and_the_next_one_counts(editor, status):
    def fail(route):
        route.fulfill(status=status, body="{}") if status else route.abort()

    editor.route(CHECK, fail)
    editor.locator("#source-Fax").select_option("field:notes")
    expect(heard(editor)).to_contain_text("could not be checked just now")
    # Everybody sees it, and hears the rest.
    unseen = re.compile("w-sr-only")
    expect(heard(editor)).not_to_have_class(unseen)
    editor.unroute(CHECK)
    editor.locator("#source-Fax").select_option("field:city")
    expect(heard(editor)).to_contain_text("Fax")
    expect(heard(editor)).to_have_class(unseen)


# The preview


def test_the_preview_goes_along_with_the_rows(editor):
    with alone():
        make_contacts(1, country="DE", city="Ulm")
    result = editor.locator("[data-ws-map-result]")
    editor.get_by_role("button", name="Preview").click()
    expect(result).to_contain_text("The values can be sent.")
    told = editor.locator("[data-ws-map-previewed]")
    expect(told).to_contain_text("The values can be sent.")
    editor.locator("#source-Fax").select_option("constant")
    editor.locator("#constant-Fax").fill("+49 731 1")
    expect(result.get_by_role("row", name="Fax")).to_contain_text("+49 731 1")
    editor.locator("#source-LastName").select_option("")
    expect(told).to_contain_text("Nothing can be sent with the mapping as it stands")
    assert not Mapping.objects.filter(fields__has_key="Fax").exists()


# Constants


def test_inputs_of_every_kind_are_made_and_saved(editor, org, check_accessibility):
    org.add_field(
        "Lead", name="Many__c", type="multipicklist", length=99, picklist=["Red", "Green", "Blue"]
    )
    org.add_field("Lead", name="When__c", type="datetime")
    org.add_field("Lead", name="Day__c", type="date")
    org.add_field("Lead", name="Yes__c", type="boolean")
    with leaving(editor):
        editor.get_by_role("button", name="Reload fields").click()
    expect(editor.locator(".messages")).to_contain_text("read again")
    for name in ("Many__c", "When__c", "Day__c", "Yes__c"):
        editor.locator(f"#source-{name}").select_option("constant")
    editor.get_by_role("group", name="Entries Many").get_by_label("Red").check()
    editor.get_by_role("group", name="Entries Many").get_by_label("Blue").check()
    editor.get_by_label("Date and time (Europe/London) When").fill("2026-07-01T10:30")
    editor.locator("#constant-Day__c").fill("2026-02-28")
    editor.locator("#constant-Yes__c").select_option("false")
    check_accessibility(editor, ".ws-map")
    editor.get_by_role("button", name="Save", exact=True).click()
    expect(editor.locator(".messages")).to_contain_text("updated")
    fields = Mapping.objects.get().fields
    assert {name: fields[name]["value"] for name in fields if name in ("Many__c", "Day__c")} == {
        "Many__c": "Red;Blue",
        "Day__c": "2026-02-28",
    }
    assert fields["When__c"]["value"] == "2026-07-01T10:30"
    assert fields["Yes__c"]["value"] == "false"


# Two editors


def test_the_second_editor_decides(windows, admin, org):
    url = stored(org)
    mine, theirs = windows.open(admin), windows.open(admin)
    for page in (mine, theirs):
        page.goto(url)
    theirs.locator("#source-Fax").select_option("field:mobile_phone")
    theirs.get_by_role("button", name="Save", exact=True).click()
    expect(theirs.locator(".messages")).to_contain_text("updated")
    mine.locator("#source-Fax").select_option("field:business_phone")
    mine.get_by_role("button", name="Save", exact=True).click()
    told = mine.locator(".ws-map .help-critical").first
    expect(told).to_contain_text("Fax: saved “Mobile phone”, yours “Business phone”")
    expect(mine.locator("#source-Fax")).to_have_value("field:business_phone")
    assert Mapping.objects.get().fields["Fax"]["name"] == "mobile_phone"
    mine.get_by_role("button", name="Save mine over it").click()
    expect(mine.locator(".messages")).to_contain_text("updated")
    assert Mapping.objects.get().fields["Fax"]["name"] == "business_phone"


# Hundreds of fields


def test_800_fields_are_soon_there_and_usable(page, org, check_width):
    page.goto(stored(org, "large", "state_country"))
    expect(page.locator("[data-ws-map-count]")).to_contain_text("of 6")
    branch = page.locator("#source-Branch__c")
    # A thousand entries wait until they are wanted.
    expect(branch.locator("option")).to_have_count(1)
    branch.focus()
    eventually(branch.locator("option").count, lambda number: number > 990)
    type_choice(branch, "Branch no. 77")
    expect(branch).to_have_value("picklist:B0077")
    page.get_by_label("Find a field").fill("stage 495")
    expect(page.locator("[data-ws-map-row]:not([hidden])")).to_have_count(1)
    page.get_by_label("Find a field").fill("twin")
    expect(page.locator("[data-ws-map-row]:not([hidden])")).to_have_count(2)
    page.get_by_label("Find a field").fill("")
    page.get_by_label("Mapped only").check()
    check_width(page, ".ws-map")
    with page.expect_request(lambda request: request.is_navigation_request()) as saving:
        page.get_by_role("button", name="Save", exact=True).click()
    assert saving.value.post_data.count("name=") + saving.value.post_data.count("&") < 200
    expect(page.locator(".messages")).to_contain_text("updated")
    assert Mapping.objects.get().fields["Branch__c"] == {"source": "picklist", "value": "B0077"}


def focused(page):
    """What has the focus."""
    return page.evaluate("document.activeElement.id")


def test_without_a_mouse(editor):
    """Over the links to the parts into the rows, and by keys to the end."""
    link = editor.get_by_role("link", name="Other fields")
    link.focus()
    editor.keyboard.press("Enter")
    expect(editor.locator("#ws-map-other")).to_be_focused()
    editor.keyboard.press("Tab")
    first = eventually(lambda: focused(editor), lambda name: name.startswith("source-"))
    ring = "getComputedStyle(document.activeElement).outlineStyle"
    eventually(lambda: editor.evaluate(ring), lambda style: style != "none")
    editor.keyboard.press("Tab")
    # It is no trap.
    eventually(lambda: focused(editor), lambda name: name not in ("", first))
    website = editor.locator("#source-Website")
    website.focus()
    type_choice(website, "A const")
    editor.keyboard.press("Tab")
    expect(editor.locator("#constant-Website")).to_be_focused()
    editor.keyboard.type("www.example.org")
    editor.keyboard.press("Control+s")
    expect(editor.locator(".messages")).to_contain_text("updated")
    assert Mapping.objects.get().fields["Website"]["value"] == "www.example.org"


def test_without_javascript(windows, admin, org):
    url = stored(org)
    Contact.objects.all().delete()
    page = windows.open(admin, java_script_enabled=False)
    page.goto(url)
    page.get_by_role("link", name="Show all choices in every row").click()
    page.locator("#source-Fax").select_option("field:mobile_phone")
    page.locator("#source-Website").select_option("constant")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(row(page, "Website")).to_contain_text("Give a value.")
    expect(page.locator("#source-Fax")).to_have_value("field:mobile_phone")
    page.locator("#constant-Website").fill("www.example.org")
    page.locator("#source-City").select_option("field:state")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("updated")
    fields = Mapping.objects.get().fields
    assert fields["Website"]["value"] == "www.example.org"
    assert fields["City"]["name"] == "state" and fields["Fax"]["name"] == "mobile_phone"


# The line beside a row, as painted.
EDGE = "row => getComputedStyle(row).borderInlineStartColor"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_high_contrast_and_right_to_left(windows, admin, org, settings, check_width, scheme):
    settings.LANGUAGE_CODE = "ar"
    page = windows.open(admin, forced_colors="active", color_scheme=scheme)
    page.goto(stored(org, "large"))
    with page.expect_response(CHECK) as answered:
        page.locator("#source-LastName").select_option("")
    assert answered.value.status == 200, answered.value.text()
    expect(row(page, "LastName").locator(".ws-row__problem--error")).to_be_visible()
    assert page.evaluate("document.documentElement.dir") == "rtl"
    # What is wrong is marked, and nothing else.
    company = row(page, "Company").evaluate(EDGE)
    eventually(lambda: row(page, "LastName").evaluate(EDGE), lambda edge: edge != company)
    page.locator("#ws-map-search").fill("twin")
    expect(page.locator("[data-ws-map-row]:not([hidden])")).to_have_count(2)
    check_width(page, ".ws-map")
