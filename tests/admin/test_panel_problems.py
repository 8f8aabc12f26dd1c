"""Everything that stops replication stands on top of the panel, with the cure and a way to it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.admin.people import client_of
from tests.ready import make_contacts, ready, run
from wagtail_salesforce import replication
from wagtail_salesforce.connection import authorize
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.exceptions import REASONS
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings, Run
from wagtail_salesforce.replication.preflight import problems
from wagtail_salesforce.scoring.models import Score


pytestmark = pytest.mark.django_db

PANEL = "/admin/salesforce/"


def changed(**values: Any) -> Callable[[Any], None]:
    """Settings that the form refuses, but that a script may have written."""
    return lambda org: ReplicationSettings.objects.update(**values)


def cleared(org):
    authorize.clear()


def key_lost(org):
    """As it is after another key: what is stored is no text that any key of the site opens."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE wagtail_salesforce_connection SET access_token = 'of another key'")


def copied(org):
    Connection.objects.update(site_url="https://www.example.org")


def other_org(org):
    make_contacts(1)
    run()
    ReplicationSettings.objects.update(org_id="00D5e000000ZzZzEAK")


def score_deleted(org):
    settings = ReplicationSettings.load()
    settings.choose_score(Score.objects.create(name="Hot"))
    settings.save()
    settings.score.delete()


def minimum(org):
    changed(by_score=True, score=Score.objects.create(name="Hot"), minimum_points=-1)(org)


def field_gone(org):
    org.add_field("Lead", name="Shoe_Size__c", type="string", length=10)
    fields = {**Mapping.objects.get().fields, "Shoe_Size__c": {"source": "field", "name": "city"}}
    Mapping.objects.update(fields=fields)
    org.remove_field("Lead", "Shoe_Size__c")
    make_contacts(1)
    run()


def consent_gone(org):
    attribute = Attribute.objects.create(name="newsletter", label="Newsletter", type="boolean")
    changed(consent_attribute="newsletter")(org)
    Attribute.objects.filter(pk=attribute.pk).delete()


def reserve_used(org):
    org.set_allowance(max=1000, used=900)
    make_contacts(1)
    run()


#: code: (what has happened, the permission of who can put it right)
STATES = {
    "disabled": (changed(enabled=False), "change_replicationsettings"),
    "not_authorized": (cleared, "authorize_connection"),
    "unreadable_secret": (key_lost, "authorize_connection"),
    "site_changed": (copied, "authorize_connection"),
    "org_changed": (other_org, "authorize_connection"),
    "no_mapping": (lambda org: Mapping.objects.all().delete(), "add_mapping"),
    "no_external_id": (lambda org: Mapping.objects.update(external_id_field=""), "change_mapping"),
    "mapping_broken": (field_gone, "change_mapping"),
    "score_missing": (score_deleted, "change_replicationsettings"),
    "minimum_points": (minimum, "change_replicationsettings"),
    "batch_size": (changed(batch_size=1001), "change_replicationsettings"),
    "schedule_minutes": (changed(schedule_minutes=0), "change_replicationsettings"),
    "reserve_percent": (changed(api_reserve_percent=100), "change_replicationsettings"),
    "assignment_rule": (changed(assignment_rule="01X"), "change_replicationsettings"),
    "consent_missing": (consent_gone, "change_replicationsettings"),
    "invalid_lead_description": (
        changed(lead_description="{{ contact.shoe_size }}"),
        "change_replicationsettings",
    ),
    "no_default_company": (changed(default_company_name=" "), "change_replicationsettings"),
    "api_reserve": (reserve_used, "change_replicationsettings"),
}
EVERYTHING = {
    "authorize_connection",
    "change_replicationsettings",
    "add_mapping",
    "change_mapping",
    "run_replication",
    "view_run",
    "view_leadlink",
}


def test_every_code_of_the_checks_before_a_run_is_tested_here():
    room = Path(replication.__file__).parent
    sources = "".join((room / name).read_text() for name in ("preflight.py", "settings_check.py"))
    assert set(re.findall(r'yield "(\w+)"', sources)) == set(STATES)


@pytest.fixture(params=STATES)
def stopped(request, org):
    """A site that is stopped for one reason, really; the reason and who can put it right."""
    ready(org)
    produce, permission = STATES[request.param]
    produce(org)
    return request.param, permission


def item(client, code: str) -> tuple[str, str]:
    """The page, and the problem of this code on it."""
    page = client.get(PANEL).content.decode()
    found = re.search(rf'data-problem="{code}">(.*?)(data-problem=|</section>)', page, re.DOTALL)
    assert found, f"{code} does not stand on top"
    return page, html.unescape(found[1])


def ways(shown: str) -> list[str]:
    return re.findall(r'(?:href|action)="([^"]+)"', shown)


def leads_somewhere(client, page: str, url: str) -> bool:
    """A part of the page that is there to be used, or a page that this person may open."""
    if url.startswith("#"):
        element = re.search(rf'<[^>]*id="{url[1:]}"[^>]*>', page)
        return bool(element) and " disabled" not in element[0]
    return client.get(url).status_code in (200, 405)


def test_each_problem_has_words_a_cure_and_a_way_that_leads_there(stopped):
    code, permission = stopped
    client = client_of(permission, "view_run")
    page, shown = item(client, code)
    assert str(REASONS[code].text) in shown and str(REASONS[code].cure) in shown
    assert ways(shown), "there is nothing to follow"
    for url in ways(shown):
        assert leads_somewhere(client, page, url), url


def test_who_may_not_put_it_right_is_told_whom_to_ask(stopped):
    code, permission = stopped
    page, shown = item(client_of(*(EVERYTHING - {permission})), code)
    assert ways(shown) == []
    assert str(REASONS[code].text) in shown and "Ask somebody who may " in shown


def test_a_mapping_that_exists_is_chosen_rather_than_made(org):
    ready(org)
    ReplicationSettings.objects.update(mapping=None)
    page, shown = item(client_of("change_replicationsettings"), "no_mapping")
    assert ways(shown) == ["#id_mapping"] and 'id="id_mapping"' in page
    assert "Ask somebody" in item(client_of("add_mapping", "view_run"), "no_mapping")[1]


def test_why_the_last_run_stopped_stands_on_top_until_one_goes_well(admin_client, org):
    ready(org)
    Run.objects.create(state="stopped", trigger="schedule", reason="storage_limit")
    page, shown = item(admin_client, "storage_limit")
    assert "free or buy storage" in shown and "The last run was stopped" in page
    Run.objects.create(state="finished", trigger="schedule", api_calls=1, created=1)
    assert 'data-problem="storage_limit"' not in admin_client.get(PANEL).content.decode()


def test_what_a_new_connection_may_have_cured_is_not_shown_again(admin_client, org):
    ready(org)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    times = {"started_at": an_hour_ago, "finished_at": an_hour_ago}
    run_of = Run.objects.create(state="stopped", trigger="schedule", reason="api_disabled", **times)
    assert "data-problem=" not in admin_client.get(PANEL).content.decode()
    Run.objects.filter(pk=run_of.pk).update(reason="internal_error")
    assert 'data-problem="internal_error"' in admin_client.get(PANEL).content.decode()
    Connection.objects.update(authorized_at=an_hour_ago - timedelta(hours=1))
    Run.objects.filter(pk=run_of.pk).update(reason="api_disabled")
    assert 'data-problem="api_disabled"' in admin_client.get(PANEL).content.decode()


@pytest.mark.parametrize("reason", ["busy", "lease_lost", "disabled", "batch_size"])
def test_what_has_passed_or_was_put_right_is_not_shown_again(admin_client, org, reason):
    ready(org)
    Run.objects.create(state="stopped", trigger="schedule", reason=reason)
    assert "data-problem=" not in admin_client.get(PANEL).content.decode()


def test_a_mapping_that_a_run_found_broken_counts_until_it_is_saved(admin_client, org):
    ready(org)
    field_gone(org)
    assert problems() == [], "the reading is old on purpose, so that the next run looks again"
    assert "Open the mapping" in item(admin_client, "mapping_broken")[1]
    mapping = Mapping.objects.get()
    mapping.modified_at = timezone.now() + timedelta(seconds=1)
    mapping.fields.pop("Shoe_Size__c")
    mapping.save()
    assert "data-problem=" not in admin_client.get(PANEL).content.decode()


def test_a_run_that_found_nothing_due_takes_a_broken_mapping_not_back(admin_client, org):
    ready(org)
    field_gone(org)
    LeadLink.objects.update(due_at=None)
    assert run().state == "finished"
    assert "Open the mapping" in item(admin_client, "mapping_broken")[1]
    # The field is there again, and somebody has looked.
    org.add_field("Lead", name="Shoe_Size__c", type="string", length=10)
    lead_describe(force=True)
    assert "data-problem=" not in admin_client.get(PANEL).content.decode()
