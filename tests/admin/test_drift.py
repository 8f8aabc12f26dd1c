"""Fields that have changed in Salesforce: marked in the editor, named on the panel, accepted."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.admin.mapping_pages import edit_url, form_of, rows_of, sent
from tests.admin.people import client_of
from tests.ready import EXTERNAL_ID, PLAIN, ready
from wagtail_salesforce.connection.models import DescribeSnapshot
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings


pytestmark = pytest.mark.django_db

PANEL = "/admin/salesforce/"
RIGHTS = ("add_mapping", "change_mapping", "change_replicationsettings")
ROWS = {
    **PLAIN,
    "Extra__c": {"source": "field", "name": "city"},
    "Kind__c": {"source": "field", "name": "campaign"},
}


@pytest.fixture
def site(org):
    """A mapping saved over the fields as they were."""
    org.add_field("Lead", name="Extra__c", label="Extra", type="string", length=40)
    values = ["Hot", "Warm", "Cold"]
    org.add_field("Lead", name="Kind__c", label="Kind", type="picklist", picklist=values)
    ready(org, fields=ROWS)
    lead_describe()
    save_as(client_of(*RIGHTS))
    return org


@pytest.fixture
def client(site):
    return client_of(*RIGHTS)


def mapping() -> Mapping:
    return Mapping.objects.get()


def opened(client):
    return client.get(edit_url(mapping()))


def save_as(client, **changes):
    data = sent(form_of(opened(client))) | changes
    return client.post(edit_url(mapping()), data)


def an_hour_later():
    return time_machine.travel(timezone.now() + timedelta(minutes=61))


def told(page: str) -> dict[str, str]:
    """What the page says of changes above the rows: code and words."""
    lines = re.findall(r'<li data-drift="(\w+)">(.*?)</li>', page)
    return dict(lines)


def beside(page: str, name: str) -> str:
    found = re.search(rf'<div[^>]*id="changes-{name}">(.*?)</div>', page, re.S)
    return found[1] if found else ""


def test_an_unchanged_organization_is_no_news(client):
    page = opened(client).content.decode()
    assert told(page) == {} and "changes-" not in page
    assert 'data-warning="drift"' not in client.get(PANEL).content.decode()


CHANGES = [
    ({"name": "Extra__c", "length": 20}, "shortened", "It took 40 characters and now takes 20."),
    ({"name": "Extra__c", "type": "textarea", "length": 40}, "type_changed", "is now Text area"),
    ({"name": "Kind__c", "restricted": True}, "made_restricted", "only its own 3 values"),
    ({"name": "Extra__c", "nillable": False}, "made_required", "requires it now"),
]


@pytest.mark.parametrize(("change", "code", "words"), CHANGES)
def test_a_change_is_found_on_opening_marked_on_its_row_and_named_on_the_panel(
    client, site, change, code, words
):
    name = change["name"]
    site.add_field("Lead", **change)
    assert told(opened(client).content.decode()) == {}, "the fields are believed for an hour"
    with an_hour_later():
        response = opened(client)
        page = response.content.decode()
        assert words in told(page)[code] and name in told(page)[code]
        assert words in beside(page, name)
        assert re.search(rf'<select id="source-{name}"[^>]*changes-{name}', page)
        site.clear_calls()
        panel = client.get(PANEL).content.decode()
        assert site.calls() == []
        assert 'data-warning="drift"' in panel
        assert "1 Lead field has changed in Salesforce since the mapping “Leads”" in panel
        assert words in panel and name in panel and f'href="{edit_url(mapping())}"' in panel
        assert 'data-problem="mapping_broken"' not in panel


def test_reload_fields_finds_it_at_once(client, site):
    site.add_field("Lead", name="Extra__c", length=20)
    data = sent(form_of(opened(client))) | {"reload-fields": "1"}
    page = client.post(edit_url(mapping()), data).content.decode()
    assert "shortened" in told(page) and "now takes 20" in beside(page, "Extra__c")


def test_a_reload_marks_the_rows_as_opening_the_page_does(client, site):
    data = sent(form_of(opened(client))) | {"reload-fields": "1"}
    site.remove_field("Lead", "Extra__c")
    reloaded = form_of(client.post(edit_url(mapping()), data))
    row = rows_of(reloaded)["Extra__c"]
    assert row.severity == "error" and "has no field Extra__c" in row.problems[0].message
    marks = {name: row.severity for name, row in rows_of(form_of(opened(client))).items()}
    assert {name: row.severity for name, row in rows_of(reloaded).items()} == marks
    assert "warning" in marks.values()


def test_saving_accepts_the_changes(client, site):
    site.add_field("Lead", name="Extra__c", length=20)
    site.add_field("Lead", name="Kind__c", restricted=True)
    lead_describe(force=True)
    assert set(told(opened(client).content.decode())) == {"shortened", "made_restricted"}
    assert "2 Lead fields have changed" in client.get(PANEL).content.decode()
    assert save_as(client).status_code == 302
    assert told(opened(client).content.decode()) == {}
    assert 'data-warning="drift"' not in client.get(PANEL).content.decode()


def test_changes_that_the_page_did_not_show_are_shown_before_they_are_accepted(client, site):
    stale = sent(form_of(opened(client))) | {"source-Fax": "field:mobile_phone"}
    site.add_field("Lead", name="Extra__c", length=20)
    lead_describe(force=True)  # A run, while the page stands open.
    response = client.post(edit_url(mapping()), stale)
    page = response.content.decode()
    assert "nothing is saved yet" in page and "shortened" in told(page)
    assert mapping().known_fields["Extra__c"]["length"] == 40
    again = sent(form_of(response))
    assert again["source-Fax"] == "field:mobile_phone", "nothing that was chosen is lost"
    assert client.post(edit_url(mapping()), again).status_code == 302
    assert mapping().known_fields["Extra__c"]["length"] == 20


def test_a_save_that_is_refused_accepts_nothing(client, site):
    site.add_field("Lead", name="Extra__c", length=20)
    lead_describe(force=True)
    response = save_as(client, **{"source-LastName": ""})
    page = response.content.decode()
    assert response.status_code == 200 and "shortened" in told(page)
    assert "now takes 20" in beside(page, "Extra__c")
    assert "shortened" in told(opened(client).content.decode())


def test_what_breaks_is_an_error_of_the_row_and_a_problem_of_the_panel(client, site):
    site.add_field("Lead", name="Extra__c", type="boolean")
    site.remove_field("Lead", "Kind__c")
    lead_describe(force=True)
    response = opened(client)
    page = response.content.decode()
    assert set(told(page)) == {"type_changed", "removed"}
    rows = rows_of(form_of(response))
    assert rows["Extra__c"].has_error and rows["Kind__c"].has_error
    problems = {each.code: each for each in client.get(PANEL).context["problems"]}
    named = {line.split(":")[0] for line in problems["mapping_broken"].details}
    assert named == {"Extra__c", "Kind__c"}


def test_a_field_taken_off_the_mapping_is_no_news_any_more(client, site):
    site.remove_field("Lead", "Kind__c")
    lead_describe(force=True)
    assert save_as(client, **{"source-Kind__c": ""}).status_code == 302
    assert told(opened(client).content.decode()) == {}
    assert "Kind__c" not in mapping().known_fields


def test_an_identifier_without_unique_is_named_above_and_on_the_panel(client, site):
    site.add_field("Lead", name=EXTERNAL_ID, unique=False)
    lead_describe(force=True)
    page = opened(client).content.decode()
    assert "not unique" in told(page)["identifier_lost"]
    panel = client.get(PANEL).content.decode()
    assert 'data-problem="no_external_id"' in panel and EXTERNAL_ID in panel


def test_a_field_that_salesforce_requires_now_is_named(client, site):
    site.add_field("Lead", name="Region__c", type="string", length=20, nillable=False)
    lead_describe(force=True)
    assert "Region__c" in told(opened(client).content.decode())["newly_required"]
    assert save_as(client, **{"source-Region__c": "field:city"}).status_code == 302
    assert told(opened(client).content.decode()) == {}


def test_many_changes_are_cut_short_on_the_panel(client, site):
    for number in range(14):
        site.add_field("Lead", name=f"More{number}__c", type="string", length=40)
    lead_describe(force=True)
    assert (
        save_as(client, **{f"source-More{each}__c": "field:city" for each in range(14)}).status_code
        == 302
    )
    for number in range(14):
        site.add_field("Lead", name=f"More{number}__c", length=20)
    lead_describe(force=True)
    panel = client.get(PANEL).content.decode()
    assert "14 Lead fields have changed" in panel
    assert panel.count("now takes 20") == 10 and "<li>…</li>" in panel
    assert opened(client).content.decode().count('data-drift="shortened"') == 14


def test_who_may_not_change_mappings_reads_whom_to_ask(client, site):
    site.add_field("Lead", name="Extra__c", length=20)
    lead_describe(force=True)
    panel = client_of("view_run").get(PANEL).content.decode()
    assert 'data-warning="drift"' in panel and edit_url(mapping()) not in panel
    assert "Ask somebody who may change mappings." in panel


def test_labels_from_the_organization_are_escaped(client, site):
    site.add_field("Lead", name="Extra__c", label="<script>alert(1)</script>", length=20)
    lead_describe(force=True)
    for page in (opened(client), client.get(PANEL)):
        text = page.content.decode()
        assert "<script>alert(1)" not in text and "&lt;script&gt;alert(1)" in text


def test_without_a_reading_of_this_organization_nothing_is_said(client, site):
    DescribeSnapshot.objects.update(org_id="00D000000000009AAA")
    assert 'data-warning="drift"' not in client.get(PANEL).content.decode()
    assert ReplicationSettings.load().mapping.known_fields
