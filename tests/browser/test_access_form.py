"""The form of the organization access says what fits the way and the kind that are chosen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


pytestmark = pytest.mark.django_db(transaction=True)

PANEL = "/admin/salesforce/"
BY_HAND = "External Client App Manager"
ONCE = "The site needs to be authorized once by somebody"
ERROR_PAGE = "If Salesforce shows an error page"


def test_what_does_not_fit_is_not_shown(page, check_accessibility):
    page.goto(PANEL)
    form = page.locator("#ws-access-form")
    steps = form.locator("details").first
    expect(steps).to_contain_text(BY_HAND)
    expect(form.get_by_text(ONCE)).to_be_visible()
    expect(form.get_by_text(ERROR_PAGE)).to_be_visible()

    form.get_by_label("Practice organization", exact=True).check()
    for words in (BY_HAND, "Register this address", "The rights of"):
        expect(form.get_by_text(words)).to_be_hidden()
    expect(steps.locator("li:visible")).to_have_count(3)
    expect(steps.get_by_text("salesforce_practice_org")).to_be_visible()
    expect(steps.get_by_text("Log in there")).to_be_visible()
    check_accessibility(page, "#ws-access-form")

    form.get_by_label("JWT bearer").check()
    expect(steps.get_by_text("--jwt-certificate")).to_be_visible()
    for words in (ONCE, ERROR_PAGE, "Log in there"):
        expect(form.get_by_text(words)).to_be_hidden()

    form.get_by_label("My Domain", exact=True).first.check()
    expect(steps.get_by_text("salesforce_practice_org")).to_be_hidden()
    expect(steps.get_by_text(BY_HAND)).to_be_visible()
