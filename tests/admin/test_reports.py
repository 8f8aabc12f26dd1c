"""Reports → Salesforce replication, and what can be done about a contact's lead."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timezone

import pytest
from django.core.cache import cache
from django.urls import reverse
from django_q.models import OrmQ, Schedule
from openpyxl import load_workbook
from wagtail.models import ModelLogEntry

from tests.admin.people import client_of, messages_of
from tests.cluster import work
from tests.ready import make_contacts, ready, run
from wagtail_salesforce.admin.home import summary
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings, Run
from wagtail_salesforce.scoring.models import Score


pytestmark = pytest.mark.django_db

#: With real commits, so that what is queued on commit is queued.
AS_DEPLOYED = pytest.mark.django_db(transaction=True)

RUNS = "/admin/salesforce/reports/runs/"
ATTENTION = "/admin/salesforce/reports/attention/"
FORMULA = '=HYPERLINK("http://evil.example.org","click")'


def link(contact=None, **values):
    contact = contact or Contact.objects.create(email="ana@example.org", last_name="Müller")
    LeadLink.objects.filter(contact=contact).update(due_at=None, **values)
    return LeadLink.objects.get(contact=contact)


def suspended(**values):
    return link(
        **{
            "state": "suspended",
            "attempts": 2,
            "last_error_code": "STRING_TOO_LONG",
            "last_error_message": "Title: data value too large",
            **values,
        }
    )


def page_of(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


# Contacts that need attention


def test_only_those_that_need_it_with_the_reason_in_words(admin_client):
    suspended()
    link(
        Contact.objects.create(last_name="Converted"), state="excluded", excluded_reason="converted"
    )
    link(Contact.objects.create(last_name="Fine"), state="replicated")
    page = page_of(admin_client, ATTENTION)
    assert "Müller" in page and "A text is too long for its field" in page
    assert "STRING_TOO_LONG" in page and "Title: data value too large" in page
    assert "The lead was converted." in page
    assert "Fine" not in page
    contact = Contact.objects.get(last_name="Müller")
    assert reverse("wagtail_salesforce_contacts:inspect", args=[contact.pk]) in page


def test_a_link_whose_contact_is_gone_is_named_and_offers_nothing(admin_client):
    gone = LeadLink.objects.create(
        contact=None, state="excluded", excluded_reason="merged", lead_id="00Q5e000000AbCdEAK"
    )
    page = page_of(admin_client, ATTENTION)
    assert "deleted or merged" in page
    assert f"/links/{gone.pk}/" not in page
    assert admin_client.get(ATTENTION, {"export": "csv"}).status_code == 200


def test_the_filters(admin_client):
    suspended()
    other = Contact.objects.create(email="bo@example.org", first_name="Bo", last_name="Wang")
    link(other, state="excluded", excluded_reason="by_hand")

    def found(**query):
        response = admin_client.get(ATTENTION, query)
        return [each.contact.last_name for each in response.context["object_list"]]

    assert found(state="suspended") == ["Müller"]
    assert found(excluded_reason="by_hand") == ["Wang"]
    assert found(last_error_code="too_long") == ["Müller"]
    assert found(search="BO@") == ["Wang"]
    assert found(search="nobody") == []
    assert set(found()) == {"Müller", "Wang"}


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", FORMULA])
def test_a_spreadsheet_calculates_nothing_that_a_visitor_typed(admin_client, start):
    suspended(contact=Contact.objects.create(last_name=start), last_error_message=start)
    response = admin_client.get(ATTENTION, {"export": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))
    cells = [cell for row in rows[1:] for cell in row]
    assert f"'{start}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    sheet = admin_client.get(ATTENTION, {"export": "xlsx"})
    book = load_workbook(io.BytesIO(b"".join(sheet.streaming_content)))
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)


def test_nothing_to_do_is_said(admin_client):
    assert "No contact needs attention." in page_of(admin_client, ATTENTION)


@pytest.mark.parametrize(
    ("url", "permission", "other"),
    [(RUNS, "view_run", "view_leadlink"), (ATTENTION, "view_leadlink", "view_run")],
)
def test_each_report_needs_its_permission(url, permission, other):
    allowed, refused = client_of(permission), client_of(other, "change_replicationsettings")
    assert allowed.get(url).status_code == 200
    assert url in page_of(allowed, reverse("wagtailadmin_home"))
    for query in ({}, {"export": "csv"}, {"export": "xlsx"}):
        assert refused.get(url, query).url == "/admin/"
    assert refused.get(f"{url}results/").url == "/admin/"
    assert url not in page_of(refused, reverse("wagtailadmin_home"))


def test_a_reader_without_contact_permission_gets_no_link_and_no_button():
    row = suspended()
    page = page_of(client_of("view_leadlink"), ATTENTION)
    assert "Müller" in page
    assert "/salesforce/contacts/" not in page and f"/links/{row.pk}/" not in page


# What can be done


def act(client, row, action, **data):
    return client.post(f"/admin/salesforce/links/{row.pk}/{action}/", data, follow=True)


def test_retry(admin_client):
    row = suspended()
    response = act(admin_client, row, "retry")
    assert response.redirect_chain[0][0] == ATTENTION
    assert "tried again" in messages_of(response)[0]
    row.refresh_from_db()
    assert row.state == "new" and row.due_at is not None and row.attempts == 0


def test_exclude_and_include_again(admin_client):
    row = link(state="replicated", lead_id="00Q5e000000AbCdEAK")
    act(admin_client, row, "exclude")
    row.refresh_from_db()
    assert (row.state, row.excluded_reason, row.due_at) == ("excluded", "by_hand", None)
    act(admin_client, row, "include")
    row.refresh_from_db()
    assert row.state == "replicated" and row.due_at is not None


def test_an_action_that_no_longer_fits_says_so(admin_client):
    row = link(state="replicated")
    assert "Nothing was changed" in messages_of(act(admin_client, row, "retry"))[0]


@AS_DEPLOYED
def test_replicate_now_sends_one_contact_whatever_its_score(org):
    ready(org, by_score=True, score=Score.objects.create(name="Hot"), minimum_points=9)
    first, _second = make_contacts(2)
    assert ReplicationSettings.load().by_score
    client = client_of("replicate_contact", "view_leadlink")
    response = act(client, LeadLink.objects.get(contact=first), "replicate")
    assert "being sent" in messages_of(response)[0]
    work()
    assert [lead["LastName"] for lead in org.leads()] == [first.last_name]
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize("action", ["retry", "exclude", "include", "replicate"])
def test_the_actions_need_the_permission_and_a_post(action):
    row = suspended()
    url = f"/admin/salesforce/links/{row.pk}/{action}/"
    others = client_of("view_leadlink", "run_replication", "change_contact")
    assert others.post(url).url == "/admin/"
    row.refresh_from_db()
    assert row.state == "suspended"
    assert client_of("replicate_contact").get(url).status_code == 405


def test_unknown_links_and_actions(admin_client):
    row = suspended()
    for number in ("999999", "9" * 5000, "٣"):
        assert admin_client.post(f"/admin/salesforce/links/{number}/retry/").status_code == 404
    assert admin_client.post(f"/admin/salesforce/links/{row.pk}/erase/").status_code == 404
    LeadLink.objects.update(contact=None)
    assert admin_client.post(f"/admin/salesforce/links/{row.pk}/retry/").status_code == 404


@pytest.mark.parametrize(
    ("target", "reached"),
    [("/admin/salesforce/", "/admin/salesforce/"), ("https://evil.example.org/", ATTENTION)],
)
def test_it_goes_back_to_where_the_button_was_but_nowhere_else(admin_client, target, reached):
    response = admin_client.post(
        f"/admin/salesforce/links/{suspended().pk}/retry/", {"next": target}
    )
    assert response.url == reached


def test_the_log_names_the_contact_by_number_only(admin_client):
    row = suspended()
    act(admin_client, row, "retry")
    entry = ModelLogEntry.objects.get(action="wagtail_salesforce.retry")
    assert entry.data == {"contact_id": row.contact_id}
    assert "Müller" not in f"{entry.label} {entry.data}"


# The lead on a contact's page


def contact_page(client, contact):
    return page_of(client, reverse("wagtail_salesforce_contacts:inspect", args=[contact.pk]))


def test_the_contacts_page_shows_the_lead_and_links_to_it(admin_client, org):
    ready(org)
    (contact,) = make_contacts(1)
    run()
    page = contact_page(admin_client, contact)
    lead_id = org.leads()[0]["Id"]
    assert "The lead is up to date." in page and "Last accepted by Salesforce" in page
    assert f"{org.url}/?q={lead_id}#leads" in page
    Connection.objects.update(instance_url="https://acme.my.salesforce.com")
    page = contact_page(admin_client, contact)
    assert f"https://acme.my.salesforce.com/lightning/r/Lead/{lead_id}/view" in page


def test_a_lead_of_another_organization_has_no_link(admin_client, org):
    ready(org)
    (contact,) = make_contacts(1)
    run()
    LeadLink.objects.update(org_id="00D5e000000ZzZzEAK")
    assert "Open the lead in Salesforce" not in contact_page(admin_client, contact)


STATES = [
    ({"state": "new", "due_at": None}, "Not in Salesforce", ["replicate", "exclude"]),
    ({"state": "suspended"}, "Suspended", ["retry", "replicate", "exclude"]),
    ({"state": "excluded", "excluded_reason": "converted"}, "The lead was converted.", ["include"]),
    ({"state": "excluded", "excluded_reason": "deleted"}, "The lead was deleted.", ["include"]),
    ({"state": "excluded", "excluded_reason": "merged"}, "surviving lead", ["include"]),
    ({"state": "replicated"}, "In Salesforce", ["replicate", "exclude"]),
]


@pytest.mark.parametrize(("values", "words", "actions"), STATES)
def test_each_state_has_words_and_its_buttons(admin_client, values, words, actions):
    contact = Contact.objects.create(last_name="Doe")
    LeadLink.objects.filter(contact=contact).update(**{"due_at": None} | values)
    row = LeadLink.objects.get()
    page = contact_page(admin_client, contact)
    assert words in page
    offered = [
        each
        for each in ("retry", "replicate", "exclude", "include")
        if f"/links/{row.pk}/{each}/" in page
    ]
    assert offered == actions
    reader = contact_page(client_of("view_contact"), contact)
    assert words in reader and f"/links/{row.pk}/" not in reader


# The home page


@pytest.fixture(autouse=True)
def no_cache():
    cache.clear()
    yield
    cache.clear()


def test_the_home_page_shows_how_it_stands():
    suspended()
    page = page_of(client_of("view_leadlink"), reverse("wagtailadmin_home"))
    assert "Contacts due" in page and "Replication is not set up yet:" in page
    assert "Authorize the organization under Organization access." in page
    assert f"{ATTENTION}?state=suspended" in page
    Run.objects.create(state="finished", trigger="schedule")
    cache.clear()
    page = page_of(client_of("view_run"), reverse("wagtailadmin_home"))
    assert "Replication is stopped:" in page and f"{ATTENTION}?state=suspended" not in page


def test_the_home_page_says_that_no_worker_runs(admin_client, org):
    ready(org)
    assert "background worker" not in page_of(admin_client, reverse("wagtailadmin_home"))
    Schedule.objects.update(next_run=datetime(2026, 1, 1, tzinfo=timezone.utc))
    cache.clear()
    assert "No background worker" in page_of(admin_client, reverse("wagtailadmin_home"))


def test_the_home_page_is_unchanged_for_others():
    suspended()
    page = page_of(client_of("add_mapping"), reverse("wagtailadmin_home"))
    assert "Contacts due" not in page


def test_the_home_page_asks_the_database_once_a_minute(django_assert_num_queries):
    summary()
    with django_assert_num_queries(0):
        summary()
