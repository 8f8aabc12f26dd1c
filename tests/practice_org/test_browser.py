"""The pages in a real browser: readable by everybody, on any screen, and the way to consent."""

import pytest

from tests.practice_org.api import CALLBACK, lead
from wagtail_salesforce.practice_org.control import PASSWORD, USERNAME


pytestmark = pytest.mark.browser

axe = pytest.importorskip("axe_playwright_python.sync_playwright")


def problems(page):
    found = axe.Axe().run(page).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_every_page_is_accessible_and_fits(browser, org, api, oauth, scheme, width):
    rows = api.upsert(lead("a", Email="a-very-long-address@a-very-long-domain.example"), lead("b"))
    org.delete(rows[1]["id"])
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, base_url=org.url
    )
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto("/")
    page.locator("summary").first.click()
    assert problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(oauth.authorize_url())
    assert problems(page) == []
    page.get_by_label("Username").fill(USERNAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    assert problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints == []
    context.close()


def test_a_person_allows_and_is_led_back(browser, org, oauth):
    context = browser.new_context()
    page = context.new_page()
    page.route(f"{CALLBACK}**", lambda route: route.fulfill(body="Back in the app"))
    page.goto(oauth.authorize_url())
    page.get_by_label("Username").fill(USERNAME)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    assert "Check your user name" in page.get_by_role("alert").inner_text()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url(f"{CALLBACK}?code=*")
    context.close()


def test_a_button_of_a_lead_works_by_keyboard(browser, org, api):
    api.upsert(lead("a", LastName="Keller"))
    context = browser.new_context(base_url=org.url)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("button", name="Convert Keller").press("Enter")
    assert "Keller was converted." in page.get_by_role("status").inner_text()
    assert org.leads()[0]["IsConverted"]
    context.close()
