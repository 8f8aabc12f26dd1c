"""The whole way, as people walk it: authorize, map, switch on, submit a form, see the lead."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import leaving
from tests.cluster import work
from tests.forms_site import form_page
from tests.one_at_a_time import alone
from tests.private_keys import keys
from wagtail_salesforce.contacts.guess import guess_fields
from wagtail_salesforce.contacts.models import Contact, FormConnection
from wagtail_salesforce.replication.models import LeadLink


pytestmark = pytest.mark.django_db(transaction=True)

PANEL = "/admin/salesforce/"


@pytest.fixture
def quote(live_server):
    """A form page of the site, connected to contact fields."""
    form = form_page()
    FormConnection.objects.create(
        name="Quote", page_id=form.pk, fields=guess_fields(form.form_fields.all())
    )
    return form


@pytest.fixture
def our_org(org, live_server):
    """The practice org with this site's callback registered."""
    org.options(callbacks=[f"{live_server.url}{PANEL}callback/"])
    return org


def authorize(page, org):
    page.goto(PANEL)
    page.get_by_label("Practice organization", exact=True).check()
    page.get_by_label("Address of the practice organization").fill(org.url)
    page.get_by_label("Consumer key").fill(org.CLIENT_ID)
    page.get_by_label("Consumer secret").fill(org.CLIENT_SECRET)
    page.get_by_role("button", name="Authorize", exact=True).click()
    page.get_by_label("Username").fill(org.USERNAME)
    page.get_by_label("Password").fill(org.PASSWORD)
    page.get_by_role("button", name="Log in").click()


def message(page):
    return page.locator(".messages")


def test_from_the_first_visit_to_the_lead(page, visitor, our_org, quote, live_server):
    # Authorize, through the organization's own pages.
    authorize(page, our_org)
    page.get_by_role("button", name="Allow").click()
    expect(message(page)).to_contain_text(f"Connected to Practice Org Ltd as {our_org.USERNAME}.")
    expect(page.locator(".ws-strip")).to_contain_text("Practice Org Ltd")

    # The first thing that is left to do is a mapping: it comes filled in.
    page.get_by_role("link", name="Create a mapping").click()
    expect(page.get_by_label(re.compile("^Last Name"))).to_have_value("field:last_name")
    page.get_by_role("button", name="Save").click()
    expect(message(page)).to_contain_text("created")

    # Switch it on.
    page.goto(PANEL)
    page.get_by_label("Replicate contacts to Salesforce").check()
    page.get_by_label("Mapping", exact=True).select_option(label="Leads")
    page.get_by_label("Default company name").fill("Unknown")
    page.get_by_role("button", name="Save replication settings").click()
    expect(message(page)).to_contain_text("The replication settings are saved.")
    expect(page.locator(".ws-problems")).to_have_count(0)

    # A visitor asks for a quote.
    visitor.goto("/quote/")
    visitor.get_by_label("Your email").fill("ada@example.org")
    visitor.get_by_label("First name").fill("Ada")
    visitor.get_by_label("Last name").fill("Lovelace")
    visitor.get_by_label("Licences").fill("3")
    visitor.get_by_role("button", name="Send").click()
    expect(visitor.get_by_role("heading", name="Thank you")).to_be_visible()

    # Replicate now; the cluster works; the panel tells.
    page.reload()
    expect(page.locator("[data-count=due]")).to_have_text("1")
    page.get_by_role("button", name="Replicate now").click()
    expect(message(page)).to_contain_text("Replication is starting.")
    with alone():
        assert work() == 1
    page.reload()
    expect(page.locator("[data-count=replicated]")).to_have_text("1")
    expect(page.locator(".ws-strip")).to_contain_text("1 created")

    # The lead is there, by the link of the contact's page.
    contact = Contact.objects.get(email="ada@example.org")
    page.goto(f"{PANEL}contacts/inspect/{contact.pk}/")
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Open the lead in Salesforce").click()
    org_page = popup.value
    leads = org_page.get_by_role("table", name="Leads")
    expect(leads).to_contain_text("Ada Lovelace")
    expect(leads).to_contain_text("ada@example.org")
    lead = our_org.leads()[0]
    assert (lead["LastName"], lead["Company"]) == ("Lovelace", "Unknown")
    assert lead["Web_Contact_ID__c"] == LeadLink.objects.get().external_id


def test_denied_and_tried_again(page, our_org):
    authorize(page, our_org)
    with leaving(page):
        page.get_by_role("button", name="Deny").click()
    expect(page).to_have_url(re.compile(f"{PANEL}$"))
    expect(message(page)).to_contain_text("denied")
    expect(page.get_by_label("Consumer key")).to_have_value(our_org.CLIENT_ID)
    page.get_by_role("button", name="Authorize", exact=True).click()
    page.get_by_role("button", name="Allow").or_(page.get_by_label("Username")).wait_for()


def choose_practice_org(page, org):
    page.get_by_label("Practice organization", exact=True).check()
    page.get_by_label("Address of the practice organization").fill(org.url)
    page.get_by_label("Consumer key").fill(org.CLIENT_ID)


def test_jwt_bearer_with_an_uploaded_key(page, our_org, tmp_path, check_accessibility, check_width):
    certificate, private = tmp_path / "salesforce.crt", tmp_path / "salesforce.key"
    certificate.write_text(keys().certificate)
    private.write_text(keys().private)
    our_org.options(jwt_public_key=keys().certificate)
    page.goto(PANEL)
    steps = page.locator(".ws-steps").filter(has_text="step by step")

    # Only the steps and the fields of the chosen way are shown.
    expect(steps).to_contain_text("New External Client App")
    expect(steps.get_by_text("Enable JWT Bearer Flow")).to_be_hidden()
    page.get_by_label("JWT bearer", exact=True).check()
    expect(steps.get_by_text("Enable JWT Bearer Flow")).to_be_visible()
    expect(steps.get_by_text("Press Authorize below. Log in")).to_be_hidden()
    expect(page.get_by_label("Consumer secret")).to_be_hidden()
    check_accessibility(page, "#ws-access-content")
    check_width(page, "#ws-access-content")

    # A certificate is not the key.
    choose_practice_org(page, our_org)
    page.get_by_label("Salesforce user name").fill(our_org.USERNAME)
    page.get_by_label("File with the private key").set_input_files(certificate)
    with leaving(page):
        page.get_by_role("button", name="Authorize", exact=True).click()
    expect(page.locator("#ws-access-content")).to_contain_text(
        "That is a certificate, not the private key."
    )
    expect(page.get_by_label("Salesforce user name")).to_have_value(our_org.USERNAME)

    # This is.
    page.get_by_label("File with the private key").set_input_files(private)
    with leaving(page):
        page.get_by_role("button", name="Authorize", exact=True).click()
    expect(message(page)).to_contain_text(f"Connected to Practice Org Ltd as {our_org.USERNAME}.")
    assert keys().private.splitlines()[4] not in page.content()
    with leaving(page):
        page.get_by_role("button", name="Test connection").click()
    expect(message(page)).to_contain_text("Connected to Practice Org Ltd")
    expect(page.get_by_label("File with the private key")).to_be_hidden()
    check_accessibility(page, "#ws-access-content")


def test_values_that_were_not_finished_are_told_and_forgotten(page, our_org, check_accessibility):
    authorize(page, our_org)
    page.get_by_role("button", name="Allow").click()
    expect(message(page)).to_contain_text("Connected to Practice Org Ltd")
    page.get_by_text("Change the access").click()
    page.get_by_label("Consumer key").fill("another-key")
    page.get_by_role("button", name="Authorize with these values").click()
    # Only when the browser is at the organization the site has kept the values.
    page.wait_for_url(f"{our_org.url}/**")
    page.goto(PANEL)
    told = page.locator(".help-block", has_text="did not finish")
    expect(told).to_contain_text("another-key")
    expect(page.locator(".ws-facts")).to_contain_text("Practice Org Ltd")
    check_accessibility(page, "#ws-access-content")
    page.get_by_role("button", name="Forget them").click()
    expect(page.locator(".help-block", has_text="did not finish")).to_have_count(0)


def test_client_credentials_need_no_person(page, our_org):
    page.goto(PANEL)
    page.get_by_label("Practice organization", exact=True).check()
    page.get_by_label("Address of the practice organization").fill(our_org.url)
    page.get_by_label("Client credentials", exact=True).check()
    page.get_by_label("Consumer key").fill(our_org.CLIENT_ID)
    page.get_by_label("Consumer secret").fill("wrong")
    with leaving(page):
        page.get_by_role("button", name="Authorize", exact=True).click()
    expect(message(page)).to_contain_text("consumer secret")
    page.get_by_label("Consumer secret").fill(our_org.CLIENT_SECRET)
    page.get_by_role("button", name="Authorize", exact=True).click()
    expect(message(page)).to_contain_text("Connected to Practice Org Ltd")
    with leaving(page):
        page.get_by_role("button", name="Test connection").click()
    expect(message(page)).to_contain_text("Connected to Practice Org Ltd")
