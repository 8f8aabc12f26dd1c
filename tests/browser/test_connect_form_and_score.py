"""As an editor walks it: connect a form, write a rule, see who submitted it, with the reasons."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import becomes, leaving
from tests.cluster import work
from tests.forms_site import form_page
from tests.one_at_a_time import alone
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.models import Attribute, Company, Contact, FormConnection
from wagtail_salesforce.scoring.models import Rule, Score


pytestmark = pytest.mark.django_db(transaction=True)

CONTACTS = "/admin/salesforce/contacts/"
FORMS = "/admin/salesforce/form-connections/"
SCORES = "/admin/salesforce/scores/"


def menu(page, item):
    """Choose something from the menu group Contacts."""
    page.get_by_role("button", name="Contacts", exact=True).click()
    follow(page, item, exact=True)


def follow(page, name, **how):
    """Go by a link, and have the page that it leads to."""
    with leaving(page):
        page.get_by_role("link", name=name, **how).first.click()


def ask_for_a_quote(visitor, **answers):
    """Fill in the form of the site and send it."""
    visitor.goto("/quote/")
    for label, answer in answers.items():
        visitor.get_by_label(label.replace("_", " ").capitalize()).fill(answer)
    with leaving(visitor):
        visitor.get_by_role("button").click()


def message(page):
    return page.locator(".messages")


def sentence(page):
    return page.locator("[data-ws-rule-target=sentence]")


def test_from_an_unconnected_form_to_a_contact_with_points(page, visitor, live_server):
    form_page()
    page.goto("/admin/")

    # The form is there to be connected, and the guess only needs the quantity.
    menu(page, "Form connections")
    expect(page.get_by_role("row", name="Quote")).to_contain_text("Not connected")
    follow(page, "Connect Quote")
    expect(page.get_by_label("Your email")).to_have_value("field:email")
    expect(page.get_by_label("First name")).to_have_value("field:first_name")
    expect(page.get_by_text("Suggested").first).to_be_visible()
    warning = page.get_by_text("Anybody can type anybody's e-mail address")
    expect(warning).to_be_hidden()
    page.get_by_label("Overwrite existing information").check()
    expect(warning).to_be_visible()
    page.get_by_label("Overwrite existing information").uncheck()
    page.get_by_label("Value of the activity").select_option(label="Licences")
    page.get_by_role("button", name="Connect the form").click()
    expect(message(page)).to_contain_text("is connected")
    expect(page.locator(".wsc-figures")).to_contain_text(re.compile(r"Captured\s*0"))

    # One point per licence.
    menu(page, "Scores")
    follow(page, "Add score")
    page.get_by_label("Name").fill("Sales ready")
    page.get_by_role("button", name="Create and add rules").click()
    follow(page, "Points for what people do")
    page.get_by_label("What the contact does").select_option(label="Form submission")
    page.get_by_label("for each unit of the activity's value").check()
    page.get_by_label("Points", exact=False).and_(page.locator("[name=points]")).fill("1")
    expect(sentence(page)).to_have_text(
        "“Form submission” gives 1 point for each unit of its value."
    )
    page.locator("[name=name]").fill("Licences")
    page.get_by_role("button", name="Add rule").click()
    expect(message(page)).to_contain_text("The rule “Licences” was added.")
    expect(page.get_by_text("The rules have changed, so the points have to be")).to_be_visible()
    page.get_by_role("button", name="Recalculate now").click()
    expect(page.get_by_text("The old points count until the new ones")).to_be_visible()
    with alone():
        work()
    page.reload()
    expect(page.get_by_text("Nobody has points in this score yet.")).to_be_visible()

    # Five points for directors.
    follow(page, "Points for who people are")
    page.get_by_label("Field or attribute").select_option(label="Job title")
    page.get_by_label("Test", exact=False).and_(page.locator("select")).select_option(
        "text:contains"
    )
    page.locator(".wsc-test__inputs input").fill("Director")
    page.locator("[name=points]").fill("5")
    expect(sentence(page)).to_have_text("5 points when Job title contains “Director”.")
    page.locator("[name=name]").fill("Boss")
    page.get_by_role("button", name="Add rule").click()
    expect(page.get_by_role("table")).to_contain_text("5 points when Job title contains")
    with leaving(page):
        page.get_by_role("button", name="Recalculate now").click()
    with alone():
        work()

    # A visitor asks for 3,000 licences.
    ask_for_a_quote(
        visitor,
        your_email="ada@engines.example",
        first_name="Ada",
        last_name="Lovelace",
        licences="3000",
    )

    # The contact is there, with the points and how they came about.
    menu(page, "Contacts")
    row = page.get_by_role("row", name="Ada Lovelace")
    expect(row).to_contain_text("3,000")
    expect(row).to_contain_text("ada@engines.example")
    row.get_by_role("link", name="Ada Lovelace").click()
    points = page.locator("#points-section")
    expect(points).to_contain_text("3,000")
    expect(points).to_contain_text("The values of “Form submission” add up to 3")
    expect(page.locator("#activities-section")).to_contain_text("Quote")

    # An editor adds what is known, and the other rule counts as well.
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Job title").fill("Director")
    page.get_by_role("button", name="Save").click()
    expect(points).to_contain_text("3,005")
    expect(points).to_contain_text("Job title contains “Director”.")


def test_the_rule_form_offers_only_what_matters(page, live_server):
    Attribute.objects.create(name="consent", label="Consent", type="boolean")
    Attribute.objects.create(name="licences", label="Number of licences", type="integer")
    score = Score.objects.create(name="Sales ready")
    page.goto(f"{SCORES}{score.pk}/rules/new/attribute/")
    test, value = page.locator("[name=test]"), page.get_by_label("Value", exact=True)
    page.get_by_label("Field or attribute").select_option(label="Number of licences")
    expect(test).to_have_value("number:equals")
    offered = test.locator("option:not([disabled])")
    becomes(lambda: offered.all_text_contents()[:3], ["is", "is not", "is less than"])
    expect(value).to_be_visible()
    page.get_by_label("Field or attribute").select_option(label="Consent")
    expect(test).to_have_value("boolean:is_true")
    expect(value).to_be_hidden()
    expect(sentence(page)).to_have_text(re.compile("^Fill in the form"))
    page.locator("[name=points]").fill("-2")
    expect(sentence(page)).to_have_text("−2 points when Consent is yes.")

    page.goto(f"{SCORES}{score.pk}/rules/new/activity/")
    for choice, field in (
        ("For a period after the activity", "validity_amount"),
        ("Until a date", "valid_until"),
    ):
        expect(page.locator(f"[name={field}]")).to_be_hidden()
        page.get_by_label(choice).check()
        expect(page.locator(f"[name={field}]")).to_be_visible()
    expect(page.locator("[name=max_points]")).to_be_visible()
    page.get_by_label("Only once").check()
    expect(page.locator("[name=max_points]")).to_be_hidden()
    page.get_by_label("for each unit of the activity's value").check()
    expect(page.locator("[name=max_points]")).to_be_visible()


def test_a_member_is_found_by_a_part_of_the_name(page, live_server):
    Contact.objects.create(email="ada@engines.example", first_name="Ada", last_name="Lovelace")
    company = Company.objects.create(name="Engines")
    page.goto(f"/admin/salesforce/companies/inspect/{company.pk}/")
    contact = page.get_by_label("Contact", exact=False).and_(page.locator("[name=contact]"))
    contact.press_sequentially("lovel")
    expect(page.locator("datalist option")).to_have_attribute("value", "ada@engines.example")
    contact.fill("ada@engines.example")
    page.get_by_label("Standing").select_option(label="Primary contact")
    page.get_by_role("button", name="Save member").click()
    expect(page.locator("#members-section")).to_contain_text("Ada Lovelace")
    expect(page.locator("#members-section")).to_contain_text("Primary contact")


@pytest.fixture
def everything(live_server):
    """Something to show on every page; the addresses of the pages."""
    Attribute.objects.create(name="licences", label="Licences", type="integer", help_text="Help.")
    Attribute.objects.create(name="renewal", label="Renewal", type="date")
    quote, contact_form = form_page("quote"), form_page("contact")
    fields = {
        "your_email": {"field": "email"},
        "last_name": {"field": "last_name"},
        "gone": {"field": "notes"},
    }
    connection = FormConnection.objects.create(name="Quote", page_id=quote.pk, fields=fields)
    score = Score.objects.create(name="Sales ready", description="Who to call first.")
    activity = {"kind": "activity", "activity_type": "purchase", "per": "value"}
    licences = Rule.objects.create(score=score, name="Licences", points=1, **activity)
    attribute = {"kind": "attribute", "source": "field", "field": "job_title", "test": "contains"}
    boss = Rule.objects.create(score=score, name="Boss", points=5, value="Director", **attribute)
    Rule.objects.create(score=score, name="Broken", kind="attribute", field="none", points=1)
    ada = capture(
        email="ada@engines.example",
        activity="purchase",
        title="An order",
        value=3000,
        first_name="Ada",
        last_name="Lovelace",
        job_title="Director",
        attributes={"licences": 3000},
    )
    company = Company.objects.create(name="Engines", website="https://engines.example/")
    company.memberships.create(contact=ada, role="Research")
    return {
        "contacts": CONTACTS,
        "contact": f"{CONTACTS}inspect/{ada.pk}/",
        "contact form": f"{CONTACTS}edit/{ada.pk}/",
        "contact deletion": f"{CONTACTS}delete/{ada.pk}/",
        "companies": "/admin/salesforce/companies/",
        "company": f"/admin/salesforce/companies/inspect/{company.pk}/",
        "forms": FORMS,
        "choosing a form": f"{FORMS}new/",
        "connecting": f"{FORMS}new/{contact_form.pk}/",
        "connection": f"{FORMS}inspect/{connection.pk}/",
        "connection form": f"{FORMS}edit/{connection.pk}/",
        "scores": SCORES,
        "score": f"{SCORES}inspect/{score.pk}/",
        "score form": f"{SCORES}edit/{score.pk}/",
        "activity rule": f"{SCORES}{score.pk}/rules/{licences.pk}/",
        "attribute rule": f"{SCORES}{score.pk}/rules/{boss.pk}/",
        "contacts with points": f"{SCORES}{score.pk}/contacts/",
        "attributes": "/admin/salesforce/attributes/",
        "attribute form": "/admin/salesforce/attributes/new/",
        "activity types": "/admin/salesforce/activity-types/",
    }


def test_every_page_is_accessible_and_fits_a_telephone(
    page, everything, check_accessibility, check_width
):
    for address in everything.values():
        page.goto(address)
        check_accessibility(page, "main")
        # Beside Wagtail's own furniture, such as the map of a long form.
        form = page.locator("#w-editor-form").count()
        check_width(page, "#w-editor-form" if form else "main")
