"""The pages with a real browser: for everybody, by keyboard, at telephone width, right to left."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule
from playwright.sync_api import expect

from tests.browser.access import open_all
from tests.browser.waiting import becomes, eventually, leaving
from tests.one_at_a_time import alone
from tests.ready import make_contacts, ready, suggested
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings, Run


pytestmark = pytest.mark.django_db(transaction=True)

PANEL = "/admin/salesforce/"
ADD = "/admin/snippets/wagtail_salesforce/mapping/add/"


@pytest.fixture
def busy(org):
    """A site at work, with contacts in every state and something wrong everywhere."""
    ready(org)
    Mapping.objects.update(fields=suggested() | {"Gone__c": {"source": "field", "name": "city"}})
    make_contacts(3)
    first, second, _third = LeadLink.objects.order_by("pk")
    LeadLink.objects.filter(pk=first.pk).update(
        state="suspended",
        attempts=2,
        last_error_code="STRING_TOO_LONG",
        last_error_message="Title: data value too large",
        suspended_at=timezone.now(),
    )
    LeadLink.objects.filter(pk=second.pk).update(state="excluded", excluded_reason="converted")
    Run.objects.create(state="stopped", trigger="schedule", reason="request_limit")
    Connection.objects.update(
        api_calls_used=9000,
        api_calls_max=15000,
        api_calls_at=timezone.now(),
        site_url="https://a.example",
    )
    ReplicationSettings.objects.update(org_id="00D5e000000ZzZzEAK")
    Schedule.objects.update(next_run=timezone.now() - timedelta(hours=1))
    return org


PAGES = [
    (PANEL, ".ws-page"),
    (f"{PANEL}clear/", ".ws-page"),
    (f"{PANEL}start-over/", ".ws-page"),
    (f"{PANEL}reports/runs/", "#listing-results"),
    (f"{PANEL}reports/attention/", "#listing-results"),
    ("/admin/snippets/wagtail_salesforce/mapping/edit/{mapping}/", ".w-form-width"),
    (ADD, ".w-form-width"),
    (f"{PANEL}contacts/inspect/{{contact}}/", ".ws-lead"),
    ("/admin/", ".ws-home"),
]


def visit(page, url):
    link = LeadLink.objects.filter(state="suspended").first()
    page.goto(url.format(mapping=Mapping.objects.get().pk, contact=link.contact_id))


@pytest.mark.parametrize(("url", "part"), PAGES)
def test_every_page_is_accessible_and_fits_a_telephone(
    page, busy, url, part, check_accessibility, check_width
):
    visit(page, url)
    open_all(page, "body")
    check_accessibility(page, part)
    check_width(page, part)


def test_before_anything_is_set_up(page, check_accessibility, check_width):
    page.goto(PANEL)
    check_accessibility(page, ".ws-page")
    check_width(page, ".ws-page")
    page.goto(ADD)
    check_accessibility(page, ".ws-page")


def test_right_to_left(page, busy, settings, check_width):
    settings.LANGUAGE_CODE = "ar"
    for url, part in ((PANEL, ".ws-page"), (ADD, ".ws-map")):
        page.goto(url)
        assert page.evaluate("document.documentElement.dir") == "rtl"
        check_width(page, part)


# The panel


def test_the_callback_url_is_copied(windows, admin, live_server):
    page = windows.open(admin, permissions=["clipboard-read", "clipboard-write"])
    page.goto(PANEL)
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{live_server.url}{PANEL}callback/"


def test_only_what_a_choice_needs_is_asked_for(page):
    page.goto(PANEL)
    secret, key = page.get_by_label("Consumer secret"), page.get_by_label("Private key, pasted")
    domain = page.get_by_label("My Domain", exact=True).and_(page.get_by_role("textbox"))
    expect(secret).to_be_visible()
    expect(key).to_be_hidden()
    expect(domain).to_be_hidden()
    page.get_by_label("JWT bearer", exact=True).check()
    expect(secret).to_be_hidden()
    expect(key).to_be_visible()
    page.get_by_role("radio", name="My Domain").check()
    expect(domain).to_be_visible()


def test_the_panel_by_keyboard(page, org):
    page.goto(PANEL)
    page.get_by_role("link", name="Go to this setting").first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#ws-access-section$"))
    expect(page.locator("#ws-access-section")).to_be_in_viewport()
    page.locator("[name=flow]:checked").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Client credentials")).to_be_checked()
    page.get_by_role("radio", name=re.compile("^Production")).focus()
    for _each in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Practice organization")).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Address of the practice organization")).to_be_focused()
    page.keyboard.type(org.url)
    page.keyboard.press("Tab")
    page.keyboard.type(org.CLIENT_ID)
    page.keyboard.press("Tab")
    page.keyboard.type(org.CLIENT_SECRET)
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("Connected to Practice Org Ltd")


# The mapping editor


@pytest.fixture
def editor(page, org):
    """The editor of a new mapping."""
    ready(org)
    page.goto(ADD)
    return page


def shown(page):
    """The rows that are shown, at one moment; a script shows and hides them."""
    sources = page.locator("[data-ws-map-row]:not([hidden]) [data-ws-map-source]")
    return set(sources.evaluate_all("all => all.map(each => each.id.replace('source-', ''))"))


def test_fields_are_found_by_label_and_name(editor):
    search = editor.get_by_label("Find a field")
    search.fill("PHONE")
    becomes(lambda: shown(editor), {"Phone", "MobilePhone"})
    expect(editor.locator("[data-ws-map-count]")).to_contain_text("2 of")
    search.fill("numberofemp")
    becomes(lambda: shown(editor), {"NumberOfEmployees"})
    search.fill("there is none")
    becomes(lambda: shown(editor), set())
    expect(editor.locator("[data-ws-map-count]")).to_have_text("No field fits.")
    editor.evaluate(
        "window.wsSent = 'no'; document.addEventListener('submit', () => { window.wsSent = 'yes'; })"
    )
    search.press("Enter")
    search.fill("")
    eventually(lambda: shown(editor), lambda rows: len(rows) > 40)
    # Enter finds; it does not save.
    assert editor.evaluate("window.wsSent") == "no"
    assert not Mapping.objects.exclude(name="Leads").exists()


def test_mapped_only(editor):
    editor.get_by_label("Mapped only").check()
    rows = eventually(lambda: shown(editor), lambda rows: "Fax" not in rows)
    assert {"LastName", "Company", "Email"} <= rows
    count = editor.locator("[data-ws-map-count]")
    before = count.inner_text()
    editor.locator("#source-City").select_option("")
    expect(count).not_to_have_text(before)
    assert "City" in shown(editor), "a row does not vanish under the hand"
    editor.get_by_label("Mapped only").uncheck()
    expect(editor.locator("#source-Fax")).to_be_visible()
    editor.get_by_label("Mapped only").check()
    expect(editor.locator("#source-City")).to_be_hidden()


def test_a_constant_is_asked_for_when_it_is_chosen(editor):
    value = editor.locator("#constant-Website")
    expect(value).to_be_hidden()
    editor.locator("#source-Website").select_option("constant")
    expect(value).to_be_visible()
    value.fill("www.example.org")
    editor.locator("#id_name").fill("Second")
    editor.get_by_role("button", name="Save").click()
    expect(editor.locator(".messages")).to_contain_text("created")
    saved = Mapping.objects.get(name="Second")
    assert saved.fields["Website"] == {"source": "constant", "value": "www.example.org"}


def test_rows_that_map_nothing_do_not_travel(editor):
    with editor.expect_request(lambda request: request.is_navigation_request()) as sent:
        editor.locator("#id_name").fill("Second")
        editor.get_by_role("button", name="Save").click()
    body = sent.value.post_data
    assert "source-LastName" in body and "source-Fax" not in body and "constant-" not in body


def test_errors_stand_beside_the_row(editor, check_accessibility):
    editor.locator("#id_name").fill("Second")
    editor.locator("#source-Website").select_option("constant")
    # The same is said before, when the row is left.
    with leaving(editor):
        editor.get_by_role("button", name="Save").click()
    row = editor.locator("[data-ws-map-row]", has=editor.locator("#source-Website"))
    expect(row).to_contain_text("Error: Give a value.")
    expect(editor.locator("#source-Website")).to_have_attribute("aria-invalid", "true")
    expect(editor.locator("#source-Website")).to_have_value("constant")
    check_accessibility(editor, ".ws-map")


def test_what_is_required_stays_in_view_until_it_is_mapped(editor):
    editor.locator("#source-LastName").select_option("")
    with leaving(editor):
        editor.get_by_role("button", name="Save").click()
    expect(editor.locator("#problems-LastName")).to_contain_text("Salesforce requires it")
    editor.get_by_label("Mapped only").check()
    expect(editor.locator("#source-Fax")).to_be_hidden()
    assert "LastName" in shown(editor)


def test_reload_fields_keeps_what_was_changed(editor, org):
    org.add_field("Lead", name="Shoe_Size__c", type="string", length=10)
    editor.locator("#source-Fax").select_option("field:mobile_phone")
    with leaving(editor):
        editor.get_by_role("button", name="Reload fields").click()
    expect(editor.locator(".messages")).to_contain_text("read again")
    expect(editor.locator("#source-Shoe_Size__c")).to_be_visible()
    expect(editor.locator("#source-Fax")).to_have_value("field:mobile_phone")


def test_the_preview_follows_the_rows(editor, check_accessibility):
    with alone():
        make_contacts(1, country="DE")
    editor.locator("#source-Fax").select_option("constant")
    editor.locator("#constant-Fax").fill("+49 1")
    contact = editor.get_by_label("E-mail of a contact")
    contact.fill("person0@example.org")
    contact.press("Enter")
    result = editor.locator("[data-ws-map-result]")
    expect(result).to_contain_text("The values can be sent.")
    expect(result.get_by_role("row", name=re.compile("^Fax"))).to_contain_text("+49 1")
    expect(result.get_by_role("row", name=re.compile("^Country"))).to_contain_text("Germany")
    check_accessibility(editor, ".ws-map__preview")
    contact.fill("nobody@example.org")
    editor.get_by_role("button", name="Preview").click()
    expect(result).to_contain_text("No contact has this e-mail address")
