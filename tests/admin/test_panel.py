"""Settings → Integration → Salesforce: what it shows, and to whom."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone
from django_q.models import Schedule

from tests.admin.people import client_of
from tests.connecting import connect
from tests.ready import ready
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.exceptions import REASONS
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings, Run


pytestmark = pytest.mark.django_db

PANEL = "/admin/salesforce/"
ALL = [
    "authorize_connection",
    "change_replicationsettings",
    "change_mapping",
    "run_replication",
    "view_run",
    "view_leadlink",
]


def html(client, url=PANEL):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def problem_codes(page):
    return re.findall(r'data-problem="(\w+)"', page)


def words(page):
    """The visible text, with blanks made single."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


@pytest.mark.parametrize("permission", ALL)
def test_any_one_permission_opens_the_panel_and_its_menu_item(permission):
    client = client_of(permission)
    assert "Organization access" in html(client)
    assert PANEL in html(client, reverse("wagtailadmin_home"))


def test_without_any_permission_there_is_neither_menu_item_nor_panel():
    client = client_of("add_mapping")
    home = html(client, reverse("wagtailadmin_home"))
    assert PANEL not in home and "Integration" not in home
    assert client.get(PANEL).url == reverse("wagtailadmin_home")
    assert client.post(PANEL, {"form": "settings"}).url == reverse("wagtailadmin_home")


def test_a_visitor_is_sent_to_the_login(client):
    assert "/admin/login/" in client.get(PANEL).url


def test_the_menu_item_stands_under_settings_integration(admin_client):
    home = html(admin_client, reverse("wagtailadmin_home"))
    menu = home[home.index("Settings") :]
    assert menu.index('"Integration"') < menu.index('"Salesforce"')


def test_a_new_site_is_told_what_to_do_in_order(admin_client):
    page = html(admin_client)
    assert problem_codes(page) == ["not_authorized", "no_mapping", "no_default_company", "disabled"]
    assert "To do before contacts go to Salesforce" in page
    assert "Not connected" in page
    assert 'href="#ws-access-section"' in page and 'id="ws-access-section"' in page
    assert 'href="/admin/snippets/wagtail_salesforce/mapping/add/"' in page


def test_every_link_to_a_setting_leads_to_a_part_of_the_page(admin_client):
    ReplicationSettings.load()
    ReplicationSettings.objects.update(
        by_score=True, batch_size=0, minimum_points=-1, lead_description="{{ contact.nothing }}"
    )
    page = html(admin_client)
    expected = {"score_missing", "batch_size", "minimum_points", "invalid_lead_description"}
    assert expected <= set(problem_codes(page))
    for target in re.findall(r'href="#(ws-[\w-]+)"', page):
        assert f'id="{target}"' in page


def test_a_connected_site_shows_user_organization_and_usage(admin_client, org):
    connect(org)
    org_id = Connection.load().org_id
    Connection.objects.update(
        api_calls_used=9000, api_calls_max=15000, api_calls_at=timezone.now(), is_sandbox=True
    )
    page = html(admin_client)
    text = words(page)
    assert "Practice Org Ltd" in text and org_id in text and "Sandbox" in text
    assert "integration@practice.example" in text
    assert "9,000 of 15,000" in text and "Replication stops at 12,000" in text
    meter = re.search(r"<meter[^>]*>", page)[0]
    assert 'max="15000"' in meter and 'high="12000"' in meter and 'value="9000"' in meter
    assert 'x="80"' in page and 'width="20"' in page and 'width="60"' in page
    assert "Connected as integration@practice.example of Practice Org Ltd" in text


def test_the_counts_and_the_last_run(admin_client):
    for state, number in (("new", 3), ("suspended", 2), ("excluded", 1), ("replicated", 4)):
        for _each in range(number):
            due = timezone.now() if state == "new" else None
            contact = Contact.objects.create(last_name="Doe")
            LeadLink.objects.filter(contact=contact).update(state=state, due_at=due)
    Run.objects.create(state="stopped", reason="storage_limit", trigger="schedule", created=7)
    page = html(admin_client)
    counts = dict(re.findall(r'data-count="(\w+)">(\d+)<', page))
    assert counts == {"due": "3", "suspended": "2", "excluded": "1", "replicated": "4"}
    assert "data storage is full" in page and "7 created" in page
    assert "Replication is stopped" in page


def test_secrets_never_reach_the_browser(admin_client, org):
    connect(org)
    Connection.objects.update(jwt_private_key="-----BEGIN PRIVATE KEY-----\nMIIEvSecret")
    row = Connection.load()
    page = html(admin_client)
    for secret in (row.client_secret, row.access_token, row.jwt_private_key, "MIIEvSecret"):
        assert secret and secret not in page


def test_what_a_reader_sees(org):
    connect(org)
    page = html(client_of("view_run"))
    assert "Practice Org Ltd" in page
    for absent in (
        "salesforce/replicate/",
        "Test connection",
        "Authorize again",
        "Save replication",
    ):
        assert absent not in page
    assert "Callback URL" not in page
    field = re.search(r'<input[^>]*name="default_company_name"[^>]*>', page)[0]
    assert "disabled" in field


@pytest.mark.parametrize("form", ["access", "settings", "", "nonsense"])
def test_a_reader_cannot_post_a_form(form):
    response = client_of("view_run").post(PANEL, {"form": form})
    assert response.url == reverse("wagtailadmin_home")


def test_a_copied_database_is_explained_and_confirmed(admin_client, org):
    connect(org)
    Connection.objects.update(site_url="https://www.example.org")
    page = html(admin_client)
    assert "site_changed" in problem_codes(page)
    assert "https://www.example.org" in page and "http://testserver" in page
    response = admin_client.post("/admin/salesforce/confirm-site/", follow=True)
    assert "site_changed" not in problem_codes(response.content.decode())
    assert Connection.load().site_url == "http://testserver"


def test_no_background_worker_is_said_with_the_command(admin_client, org):
    ready(org)
    assert "no_cluster" not in problem_codes(html(admin_client))
    Schedule.objects.update(next_run=timezone.now() - timedelta(minutes=10))
    page = html(admin_client)
    assert problem_codes(page) == ["no_cluster"]
    assert "Q_CLUSTER_NAME=salesforce python manage.py qcluster" in page


def test_why_the_authorization_ended_is_said(admin_client, org):
    connect(org)
    Connection.objects.update(status="needs_authorization", status_reason="inactive_user")
    page = html(admin_client)
    assert problem_codes(page)[0] == "not_authorized"
    assert "inactive" in words(page) and "Authorize again" in page


def test_tokens_that_the_present_keys_cannot_read(admin_client, org, settings):
    connect(org)
    settings.SECRET_KEY = "another key"
    client = client_of("authorize_connection")
    page = html(client)
    assert problem_codes(page)[0] == "unreadable_secret"
    assert "gAAAA" not in page and "The authorization has ended" not in page
    assert "The stored secrets cannot be read. See above what to do." in words(page)
    assert str(REASONS["unreadable_secret"].text) in words(page)


def test_the_permissions_stand_in_group_editing(admin_client):
    group = Group.objects.create(name="Marketing")
    page = html(admin_client, reverse("wagtailusers_groups:edit", args=[group.pk]))
    for words_of in ("Can authorize a Salesforce organization", "Can run replication"):
        assert words_of in page
    for model in ("Replication settings", "Lead link", "Replication run", "Salesforce mapping"):
        assert model.lower() in page.lower()


def test_no_inline_script_or_style(admin_client, org):
    connect(org)
    page = html(admin_client)
    main = page[page.index('class="ws-page"') : page.index("</main>")]
    assert " style=" not in main and "<script" not in main and " onclick" not in main


def test_who_may_change_mappings_but_not_add_any_gets_no_link_to_a_new_one():
    page = html(client_of("change_mapping"))
    assert "mapping/add/" not in page
    assert "mapping/add/" in html(client_of("change_mapping", "add_mapping"))
