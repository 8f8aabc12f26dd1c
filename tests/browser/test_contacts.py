"""Contacts in a browser: choosing in the list, merging, the page of one person."""

from __future__ import annotations

import os

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.waiting import leaving
from tests.one_at_a_time import alone
from wagtail_salesforce.admin.companies_membership import Standing, save_member
from wagtail_salesforce.contacts.models import (
    Activity,
    ActivityType,
    Attribute,
    Company,
    Contact,
    ContactStatus,
)
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.scoring.models import Score, ScorePoints


pytestmark = pytest.mark.django_db(transaction=True)

LIST = reverse("wagtail_salesforce_contacts:index")
SHOTS = os.environ.get("WS_SCREENSHOTS", "")


def shoot(page, name):
    """Pictures for people to look at, when somebody asks for them."""
    if not SHOTS:
        return
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(300)
            if name == "list" and width == 390:
                page.locator(".wsc-bulk-footer").scroll_into_view_if_needed()
            page.screenshot(path=f"{SHOTS}/{name}-{scheme}-{width}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.fixture
def people():
    ContactStatus.objects.create(name="Prospect")
    Attribute.objects.create(name="news", label="News", type="boolean")
    ActivityType.objects.create(name="fair", label="Trade fair")
    settings = ReplicationSettings.load()
    settings.consent_attribute = "news"
    settings.save()
    score = Score.objects.create(name="Sales ready")
    people = [
        Contact.objects.create(
            first_name="Ada",
            last_name=f"Lovelace {number:02}",
            email=f"ada.lovelace.{number}@analytical-engines.example",
            company_name="Analytical Engines" if number % 2 else "Royal Society of London",
            status="Prospect",
        )
        for number in range(30)
    ]
    for number, person in enumerate(people):
        ScorePoints.objects.create(score=score, contact=person, points=number * 100)
    return people


def choose(page, *rows):
    for row in rows:
        page.locator("[data-bulk-action-checkbox]").nth(row).check()


def follow(page, name):
    """Choose a bulk action by keyboard: its bar is still sliding in when it can be used."""
    page.get_by_role("link", name=name).press("Enter")


def find(page, text, found):
    """Search, and leave the box: Wagtail asks once more then, and forgets what was ticked before."""
    for act in (lambda box: box.fill(text), lambda box: box.blur()):
        page.evaluate(
            "() => { window.wsSwapped = false; document.addEventListener("
            "'w-swap:success', () => { window.wsSwapped = true; }, { once: true }); }"
        )
        act(page.locator("#id_q"))
        page.wait_for_function("() => window.wsSwapped")
    page.get_by_text(found).wait_for()


def test_what_is_done_with_many_heeds_the_filters(page, people, check_accessibility, check_width):
    """The filters are applied by Wagtail's script, without loading the page again."""
    page.goto(LIST)
    choose(page, 0, 1)
    check_accessibility(page, "main")
    check_width(page)
    shoot(page, "list")
    follow(page, "Exclude the chosen contacts")
    page.get_by_role("heading", name="2 contacts are chosen").wait_for()
    check_accessibility(page, "main")
    check_width(page)
    page.get_by_role("button", name="Exclude").click()
    page.get_by_text("2 contacts are excluded now.").wait_for()
    assert LeadLink.objects.filter(state="excluded").count() == 2

    find(page, "royal", "There are 15 matches")
    page.locator("[data-bulk-action-select-all-checkbox]").first.check()
    follow(page, "Mark the chosen contacts as required")
    page.get_by_role("heading", name="15 contacts are chosen").wait_for()
    page.get_by_role("button", name="Mark as required").click()
    page.get_by_text("15 contacts are required now.").wait_for()

    page.goto(LIST)
    find(page, "ada", "There are 30 matches")
    page.locator("[data-bulk-action-select-all-checkbox]").first.check()
    page.get_by_role("button", name="Choose all contacts that the list finds").click()
    follow(page, "Add an activity to the chosen contacts")
    page.get_by_role("heading", name="30 contacts are chosen").wait_for()
    check_accessibility(page, "main")
    check_width(page)
    shoot(page, "add-activity")
    page.get_by_label("Type").select_option("fair")
    page.get_by_label("Title").fill("Our stand")
    page.get_by_role("button", name="Add activity").click()
    page.get_by_text("The activity was added to 30 contacts.").wait_for()
    assert Activity.objects.filter(type="fair").count() == 30

    page.goto(f"{LIST}?company=Royal")
    page.locator("[data-bulk-action-select-all-checkbox]").first.check()
    follow(page, "Erase the chosen contacts")
    page.get_by_role("heading", name="15 contacts are chosen").wait_for()
    check_accessibility(page, "main")
    shoot(page, "erase")
    page.get_by_role("button", name="Erase").click()
    page.get_by_text("15 contacts were erased.").wait_for()
    assert Contact.objects.count() == 15


def test_two_contacts_become_one(page, people, check_accessibility, check_width):
    first, second = people[:2]
    Contact.objects.filter(pk=second.pk).update(job_title="Countess", notes="Long " * 60)
    Activity.objects.create(contact=second, type="fair", title="Our stand")
    page.goto(reverse("wagtail_salesforce_contacts:merge_choose", args=[first.pk]))
    check_accessibility(page, "main")
    check_width(page)
    shoot(page, "merge-choose")
    page.get_by_label("The other contact").fill(second.email)
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("button", name="Merge").wait_for()
    check_accessibility(page, "main")
    check_width(page)
    shoot(page, "merge")
    page.get_by_label("Lovelace 01").check()
    page.get_by_role("button", name="Merge").click()
    page.get_by_text("The two contacts are one now.").wait_for()
    first.refresh_from_db()
    assert (first.last_name, first.job_title) == ("Lovelace 01", "Countess")
    assert not Contact.objects.filter(pk=second.pk).exists()


def test_the_page_of_a_contact(page, people, check_accessibility, check_width):
    person = people[0]
    for number in range(25):
        kind = "fair" if number % 2 else "form_submission"
        Activity.objects.create(contact=person, type=kind, title=f"Visit {number}", value=number)
    company = Company.objects.create(name="Royal Society of London")
    save_member(company, person, "Research", Standing.PRIMARY)
    page.goto(reverse("wagtail_salesforce_contacts:inspect", args=[person.pk]))
    check_accessibility(page, "main")
    check_width(page)
    shoot(page, "contact")
    page.get_by_label("Show").select_option("fair")
    with leaving(page):
        page.get_by_role("button", name="Filter").click()
    page.get_by_text("Visit 23").wait_for()
    expect(page.get_by_text("Visit 24")).to_have_count(0)
    page.goto(reverse("wagtail_salesforce_companies:inspect", args=[company.pk]))
    check_accessibility(page, "main")
    check_width(page)
    shoot(page, "company")
    page.goto(reverse("wagtail_salesforce_companies:index"))
    check_accessibility(page, "main")
    check_width(page)
    shoot(page, "companies")
    page.goto(reverse("wagtail_salesforce_contacts:edit", args=[person.pk]))
    shoot(page, "edit")


def test_two_editors_of_one_contact(page, live_server, check_accessibility):
    """What a browser sends of the hidden values is understood, line ends and all."""
    contact = Contact.objects.create(
        email="ada@engines.example", first_name="Ada", city="York", notes="One\nTwo"
    )
    url = live_server.url + reverse("wagtail_salesforce_contacts:edit", args=[contact.pk])
    page.goto(url)
    page.fill("[name=city]", "Leeds")
    page.fill("[name=notes]", "One\nTwo\nThree")
    with alone():
        Contact.objects.filter(pk=contact.pk).update(city="Bath", last_name="King")
    page.click("main form button[type=submit]")
    page.get_by_text("You had entered “Leeds”.").first.wait_for()
    expect(page.locator("[name=city]")).to_have_value("Bath")
    check_accessibility(page, "main")
    shoot(page, "meanwhile")
    page.fill("[name=city]", "Leeds")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/inspect/**")
    contact.refresh_from_db()
    assert (contact.city, contact.last_name) == ("Leeds", "King")
    assert contact.notes.split() == ["One", "Two", "Three"]
