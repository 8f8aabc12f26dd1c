"""The rule editor in a browser: typed inputs, the condition by keyboard alone, trying a rule."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import type_choice
from tests.forms_site import form_page
from tests.one_at_a_time import alone
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.scoring.models import Rule, Score
from wagtail_salesforce.scoring.recalculate import recalculate, request_recalculation


pytestmark = pytest.mark.django_db(transaction=True)

SCORES = "/admin/salesforce/scores/"


@pytest.fixture
def score(live_server):
    Attribute.objects.create(name="licences", label="Licences", type="integer")
    Attribute.objects.create(name="renewal", label="Renewal", type="date")
    Attribute.objects.create(name="size", label="Size", type="choice", choices="small\nlarge")
    return Score.objects.create(name="Sales ready")


def sentence(page):
    return page.locator("[data-ws-rule-target=sentence]")


def new(page, score, kind):
    page.goto(f"{SCORES}{score.pk}/rules/new/{kind}/")


def focused(page):
    return page.evaluate(
        "[document.activeElement.name || '', document.activeElement.value || ''].join('=')"
    )


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def tab_to(page, wanted):
    """Tab on until the focus is where it is wanted, as somebody without a mouse does."""
    for _number in range(60):
        if re.fullmatch(wanted, focused(page)):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {wanted}; it is at {focused(page)}.")


def test_a_condition_is_written_by_keyboard_alone(page, score, check_accessibility):
    new(page, score, "condition")
    page.locator("[name=c-join]").focus()

    # A director ...
    tab_to(page, "c-0-subject=")
    type_choice(page.locator("[name=c-0-subject]"), "Job t")
    tab_to(page, "c-0-test=.*")
    type_choice(page.locator("[name=c-0-test]"), "contains")
    press(page, "Tab")
    page.keyboard.type("Director")

    # ... and, in a group, either large or in York.
    tab_to(page, "edit=add-group:c")
    press(page, "Enter")
    page.wait_for_function("document.activeElement.name === 'c-1-0-subject'")
    type_choice(page.locator("[name=c-1-0-subject]"), "Size")
    tab_to(page, "c-1-0-test=.*")
    press(page, "Tab")
    type_choice(page.locator(":focus"), "large")
    tab_to(page, "edit=add-test:c-1")
    press(page, "Enter")
    page.wait_for_function("document.activeElement.name === 'c-1-1-subject'")
    type_choice(page.locator("[name=c-1-1-subject]"), "City")
    tab_to(page, "c-1-1-test=.*")
    press(page, "Tab")
    page.keyboard.type("York")
    join = page.locator("[name=c-1-join]")
    join.focus()
    type_choice(join, "Any")
    page.locator("[name=points]").focus()
    page.keyboard.type("10")
    expect(sentence(page)).to_have_text(
        "10 points when Job title contains “Director” and (Size is “large” or City is “York”)."
    )

    # The group goes up, and the focus goes with it.
    page.locator("[name=c-1-join]").focus()
    press(page, "Shift+Tab", "Shift+Tab", "Shift+Tab")
    tab_to(page, "edit=up:c-1")
    press(page, "Enter")
    page.wait_for_function("document.activeElement.value === 'down:c-0'")
    expect(page.locator("[data-ws-condition-target=said]")).to_have_text("Moved.")
    expect(sentence(page)).to_have_text(re.compile(r"^10 points when \(Size is"))
    check_accessibility(page, "main")

    # The test in York is removed; the focus stays in the condition.
    tab_to(page, "edit=remove:c-0-1")
    press(page, "Enter")
    page.wait_for_function("document.activeElement.name === 'c-0-0-subject'")
    expect(sentence(page)).to_have_text(
        "10 points when Size is “large” and Job title contains “Director”."
    )
    page.locator("[name=name]").focus()
    page.keyboard.type("Large")
    press(page, "Enter")
    expect(page.locator(".messages")).to_contain_text("The rule “Large” was added.")
    assert Rule.objects.get().condition == {
        "all": [
            {"any": [{"source": "attribute", "field": "size", "test": "equals", "value": "large"}]},
            {"source": "field", "field": "job_title", "test": "contains", "value": "Director"},
        ]
    }


def test_the_value_has_inputs_of_its_type(page, score):
    new(page, score, "attribute")
    subject, test = page.locator("[name=subject]"), page.locator("[name=test]")
    value, inputs = page.locator("[name=value]"), page.locator(".wsc-test__inputs")
    page.locator("[name=points]").fill("3")

    subject.select_option(label="Renewal")
    inputs.locator("input[type=date]").fill("2027-01-31")
    expect(value).to_be_hidden()
    expect(sentence(page)).to_have_text("3 points when Renewal is “31 Jan 2027”.")

    subject.select_option(label="Licences")
    test.select_option(label="is between")
    expect(inputs.locator("input")).to_have_count(2)
    page.get_by_label("Value: from").fill("10")
    page.get_by_label("Value: to").fill("500")
    expect(sentence(page)).to_have_text("3 points when Licences is between “10” and “500”.")

    subject.select_option(label="Size")
    test.select_option("choice:in_list")
    inputs.get_by_label("small").check()
    inputs.get_by_label("large").check()
    expect(sentence(page)).to_have_text(re.compile("Size is one of .*“small”, “large”"))

    subject.select_option(label="City")
    test.select_option("text:in_list")
    expect(value).to_be_visible()
    test.select_option("text:is_empty")
    expect(value).to_be_hidden()
    expect(sentence(page)).to_have_text("3 points when City is empty.")


def test_a_rule_is_tried_while_it_is_written(page, score):
    capture(email="ada@engines.example", job_title="Director", first_name="Ada")
    new(page, score, "attribute")
    page.locator("[name=subject]").select_option(label="Job title")
    page.locator("[name=test]").select_option("text:contains")
    page.locator(".wsc-test__inputs input").fill("Director")
    page.locator("[name=points]").fill("5")
    contact = page.locator("[name=try-contact]")
    contact.press_sequentially("engines")
    expect(page.locator("datalist option")).to_have_attribute("value", "ada@engines.example")
    contact.fill("ada@engines.example")
    # Enter tries; it does not save.
    contact.press("Enter")
    trial = page.locator(".wsc-trial")
    expect(trial).to_contain_text("+5")
    expect(trial).to_contain_text("Ada")
    page.locator("[name=points]").fill("-7")
    expect(trial).to_contain_text("-7")
    assert not Rule.objects.exists()


def test_pages_are_chosen_in_the_tree(page, score):
    quote = form_page("quote")
    new(page, score, "activity")
    page.locator("[name=activity_type]").select_option("page_visit")
    page.get_by_role("button", name="Choose a page").click()
    page.locator(".modal a.navigate-pages").first.click()
    page.get_by_role("link", name="Quote", exact=True).click()
    expect(page.locator("[name=other_pages]").first).to_have_value(str(quote.pk))
    page.locator("[name=points]").fill("2")
    expect(sentence(page)).to_have_text("“Page visit” gives 2 points each time, only on “Quote”.")
    page.get_by_role("button", name="Add another page").click()
    expect(page.get_by_role("button", name="Choose a page")).to_be_visible()
    expect(page.locator("[name=other_pages]").first).to_have_value(str(quote.pk))
    expect(page.locator("[name=points]")).to_have_value("2")


def test_the_editor_works_without_javascript(windows, admin, score):
    page = windows.open(admin, java_script_enabled=False)
    page.goto(f"{SCORES}{score.pk}/rules/new/condition/")
    page.locator("[name=c-0-subject]").select_option(label="City")
    page.locator("[name=c-0-test]").select_option("text:equals")
    page.locator("[name=c-0-value]").fill("York")
    page.get_by_role("button", name="Add a test").click()
    expect(page.locator("[name=c-0-value]")).to_have_value("York")
    page.locator("[name=c-1-subject]").select_option(label="Licences")
    page.locator("[name=c-1-test]").select_option("number:greater")
    page.locator("[name=c-1-value]").fill("many")
    page.locator("[name=name]").fill("R")
    page.locator("[name=points]").fill("1")
    page.locator("[name=points]").press("Enter")
    expect(page.get_by_text("Give a whole number in digits")).to_be_visible()
    page.locator("[name=c-1-value]").fill("10")
    page.locator("[name=points]").press("Enter")
    expect(page.get_by_text("City is “York” and Licences is more than “10”")).to_be_visible()
    assert Rule.objects.count() == 1


def test_every_state_is_accessible_and_fits_a_telephone(
    page, score, check_accessibility, check_width
):
    Rule.objects.create(
        score=score, name="R", kind="activity", activity_type="purchase", per="value", points=1
    )
    ada = capture(email="ada@engines.example", activity="purchase", value=3000)
    recalculate(score)
    addresses = [
        f"{SCORES}inspect/{score.pk}/",
        f"{SCORES}{score.pk}/recalculate/at/",
        f"{SCORES}{score.pk}/contacts/{ada.pk}/",
        f"{SCORES}{score.pk}/rules/new/condition/",
        f"{SCORES}{score.pk}/rules/new/activity/",
    ]
    for address in addresses:
        page.goto(address)
        check_accessibility(page, "main")
        check_width(page, "#w-editor-form" if page.locator("#w-editor-form").count() else "main")
    with alone():
        request_recalculation(score)
    for state, status in (("waiting", "ready"), ("failed", "failed")):
        with alone():
            Job.objects.update(state=state, reason="OperationalError")
            Score.objects.update(status=status)
        page.goto(addresses[0])
        check_accessibility(page, "main")
    with alone():
        Score.objects.update(status="recalculation_required")
    page.goto(addresses[0])
    check_accessibility(page, "main")
