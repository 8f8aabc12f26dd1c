"""A marketer's whole walk, without a developer: from an attribute of their own to the contacts who
want 3,000 licences or more, and a file of contacts from elsewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_connect_form_and_score import (
    ask_for_a_quote,
    follow,
    menu,
    message,
    sentence,
)
from tests.browser.waiting import leaving
from tests.cluster import work
from tests.forms_site import form_page
from tests.one_at_a_time import alone
from wagtail_salesforce.contacts.models import Contact


pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = "E-mail,First name,Last name,Number of licences\ngrace@navy.example,Grace,Hopper,12\n"


def test_from_an_attribute_to_the_contacts_that_matter(page, visitor, live_server, tmp_path):
    form_page()
    page.goto("/admin/")

    # An attribute of their own.
    menu(page, "Attributes")
    follow(page, "Add attribute")
    page.get_by_label("Label").fill("Number of licences")
    page.get_by_label("Name").fill("licences")
    page.get_by_label("Type").select_option(label="Whole number")
    page.get_by_role("button", name="Create").click()
    expect(message(page)).to_contain_text("Number of licences")

    # The quote form fills it, and the number is the value of the activity.
    menu(page, "Form connections")
    follow(page, "Connect Quote")
    page.locator("[name=to-licences], [name$=licences]").first.select_option(
        label="Number of licences"
    )
    page.get_by_label("Value of the activity").select_option(label="Licences")
    page.get_by_role("button", name="Connect the form").click()
    expect(message(page)).to_contain_text("is connected")

    # One point per licence.
    menu(page, "Scores")
    follow(page, "Add score")
    page.get_by_label("Name").fill("Licences bought")
    page.get_by_role("button", name="Create and add rules").click()
    follow(page, "Points for what people do")
    page.get_by_label("What the contact does").select_option(label="Form submission")
    page.get_by_label("for each unit of the activity's value").check()
    page.locator("[name=points]").fill("1")
    page.locator("[name=name]").fill("One point per licence")
    expect(sentence(page)).to_have_text(
        "“Form submission” gives 1 point for each unit of its value."
    )
    with leaving(page):
        page.get_by_role("button", name="Add rule").click()
    score = page.url

    # Visitors ask for quotes.
    for name, licences in (("ada", "3000"), ("charles", "2999")):
        ask_for_a_quote(
            visitor,
            your_email=f"{name}@engines.example",
            last_name=name.capitalize(),
            licences=licences,
        )

    # The points are computed anew, and the page shows the progress by itself.
    page.goto(score)
    page.get_by_role("button", name="Recalculate now").click()
    progress = page.locator(".ws-job")
    expect(progress).to_contain_text("It begins as soon as a background worker is free.")
    with alone():
        work()
    expect(progress).to_contain_text("Finished")
    with leaving(page):
        progress.get_by_role("link", name="Show the result").click()
    expect(page.locator(".ws-job--waiting, .ws-job--running")).to_have_count(0)

    # The contacts with 3,000 points or more, and how the points came about.
    menu(page, "Contacts")
    page.goto("/admin/salesforce/contacts/?points=3000")
    expect(page.get_by_role("table")).to_contain_text("ada@engines.example")
    expect(page.get_by_role("table")).not_to_contain_text("charles@engines.example")
    page.get_by_role("link", name="Ada", exact=True).click()
    points = page.locator("#points-section")
    expect(points).to_contain_text("3,000")
    expect(points).to_contain_text("The values of “Form submission” add up to 3,000")
    assert Contact.objects.get(email="ada@engines.example").attributes == {"licences": 3000}

    # A file of contacts from elsewhere.
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    menu(page, "Import")
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Upload and choose columns").click()
    expect(page.get_by_label("Number of licences")).to_have_value("licences")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator(".ws-job")).to_be_visible()
    with alone():
        work()
    expect(page.locator(".ws-job")).to_contain_text("Finished")
    menu(page, "Contacts")
    expect(page.get_by_role("table")).to_contain_text("grace@navy.example")
    assert Contact.objects.get(email="grace@navy.example").attributes == {"licences": 12}
