"""The editor of an organization with 800 fields and picklists of a thousand entries."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.admin.mapping_pages import ADD, CHECK, edit_url, form_of, rows_of, sent
from tests.admin.people import client_of
from tests.connecting import connect
from wagtail_salesforce.connection.models import DescribeSnapshot
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.mapping.suggest import suggest, suggest_external_id
from wagtail_salesforce.replication.models import ReplicationSettings


pytestmark = pytest.mark.django_db
# What a page of Wagtail's own asks for: who is it, what may they see, who else is here.
OURS = re.compile(r'(?:FROM|UPDATE|INTO) "?wagtail_salesforce_')
PING = re.compile(r'data-w-swap-src-value="([^"]*/ping/[^"]*)"')
MOST_BYTES = 1_000_000


@pytest.fixture
def client(db):
    return client_of("add_mapping", "change_mapping", "view_contact")


def stored(org, *shapes):
    org.shape(*shapes)
    connect(org)
    describe = lead_describe(force=True)
    return Mapping.objects.create(
        name="Leads", external_id_field=suggest_external_id(describe), fields=suggest(describe, {})
    )


def opened(client, url):
    """The statements of opening a page, all and our own, and the page."""
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        response = client.get(url)
    statements = [query["sql"] for query in found]
    return statements, [sql for sql in statements if OURS.search(sql)], response


def test_it_opens_with_few_statements_however_many_fields(client, org):
    for number in range(30):
        Attribute.objects.create(name=f"a{number}", label=f"A {number}", type="text")
    mapping = stored(org)
    few, ours_few, _page = opened(client, edit_url(mapping))
    org.shape("large")
    lead_describe(force=True)
    org.clear_calls()
    many, ours, response = opened(client, edit_url(mapping))
    assert len(rows_of(form_of(response))) > 600
    assert (len(many), len(ours)) == (len(few), len(ours_few))
    assert len(ours) <= 3, ours
    assert org.calls() == [], "the describe is a cached one"


EDITOR = ("add_mapping", "change_mapping", "delete_mapping", "view_contact")
REST = (
    "change_replicationsettings",
    "authorize_connection",
    "run_replication",
    "add_formconnection",
)


@pytest.mark.parametrize("rights", [EDITOR, EDITOR + REST, "superuser"])
def test_it_opens_within_ten_statements_and_the_cached_describe(org, rights, admin_client):
    """The session, the user, their profile and rights, Wagtail's locales; the mapping with its use,
    the attributes, and the connection with the describe. Others than the first opening of a process
    do not ask for content types and sites.
    """
    client = admin_client if rights == "superuser" else client_of(*rights)
    mapping = stored(org)
    ReplicationSettings.objects.update_or_create(pk=1, defaults={"mapping": mapping})
    statements, _ours, response = opened(client, edit_url(mapping))
    describes = [sql for sql in statements if "wagtail_salesforce_describesnapshot" in sql]
    assert len(describes) == 1
    assert len(statements) - len(describes) <= 10, statements
    assert not [sql for sql in statements if not sql.startswith("SELECT")], "opening writes nothing"
    assert "This mapping is in use" in response.content.decode()


def test_who_else_edits_the_mapping_is_still_told(client, org):
    """The page writes no session; the ping that its script sends at once does."""
    mapping = stored(org)
    other = client_of(*EDITOR)
    pings = [
        PING.search(each.get(edit_url(mapping)).content.decode())[1] for each in (client, other)
    ]
    first = client.post(pings[0]).json()
    assert first["other_sessions"] == [] and not first["ping_url"].endswith("/0/")
    seen = other.post(pings[1], {"is_editing": "1"}).json()["other_sessions"]
    assert [each["session_id"] for each in seen] == [first["session_id"]]
    (session,) = client.post(first["ping_url"]).json()["other_sessions"]
    assert session["is_editing"]


def test_opening_a_page_with_a_describe_that_is_too_old_costs_one_call(client, org):
    mapping = stored(org, "large")
    DescribeSnapshot.objects.update(fetched_at="2020-01-01T00:00Z")
    org.clear_calls()
    client.get(edit_url(mapping))
    client.get(edit_url(mapping))
    assert [call["path"].rsplit("/", 2)[-2:] for call in org.calls()] == [["Lead", "describe"]]


def test_the_page_is_not_of_many_megabytes(client, org):
    stored(org, "large", "state_country", "multi_currency")
    response = client.get(ADD)
    assert len(response.content) < MOST_BYTES
    # Each long list stands there once.
    assert response.content.count(b"Branch no. 500") == 1


def test_a_full_mapping_is_checked_and_saved(client, org):
    """Every field that takes a text is mapped: more than 400 rows with constants would not be."""
    mapping = stored(org, "large")
    form = form_of(client.get(edit_url(mapping)))
    rows = rows_of(form).values()
    data = {key: value for key, value in sent(form).items() if not key.startswith("constant-")}
    for row in rows:
        tokens = [token for _label, options in row.choices for token, _text in options]
        data[f"source-{row.name}"] = next((t for t in tokens if t != "constant"), "")
    data = {key: value for key, value in data.items() if value != ""}
    answer = client.post(CHECK, data).json()
    assert not [name for name, row in answer["rows"].items() if row["severity"] == "error"]
    assert client.post(edit_url(mapping), data).status_code == 302
    mapping.refresh_from_db()
    assert len(mapping.fields) > 400


def test_rows_that_are_too_many_for_one_form_are_told_before_they_are_refused(
    client, org, settings
):
    mapping = stored(org, "large")
    url = edit_url(mapping)
    form = form_of(client.get(url))
    all_rows = {key: value for key, value in sent(form).items() if not key.startswith("constant-")}
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
    page = client.get(url).content.decode()
    told = re.findall("<noscript>.*?</noscript>", page, re.DOTALL)
    assert sum("raise DATA_UPLOAD_MAX_NUMBER_FIELDS" in each for each in told) == 1
    assert page.count("DATA_UPLOAD_MAX_NUMBER_FIELDS") == 1, "the script sends what is mapped"
    needed = int(re.search(r"to at least (\d+)", page)[1])
    assert client.post(url, all_rows).status_code == 400
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = needed
    assert client.post(url, all_rows).status_code == 302
    assert "DATA_UPLOAD" not in client.get(url).content.decode()
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    assert "too many rows to be saved here" in client.get(url).content.decode()


def test_awkward_labels_are_escaped(client, org):
    mapping = stored(org, "large")
    page = client.get(edit_url(mapping)).content.decode()
    assert '<script>alert("' not in page and "<b>Sales Operations</b>" not in page
    assert "&lt;script&gt;alert(" in page


def test_long_picklists_offer_every_active_entry(client, org):
    mapping = stored(org, "large")
    page = client.get(f"{edit_url(mapping)}?choices=all").content.decode()
    branch = re.search(r'<select id="source-Branch__c".*?</select>', page, re.S)[0]
    assert branch.count('value="picklist:') == 990, "every hundredth of the thousand is retired"
    assert 'value="picklist:B0000">Branch no. 0<' in branch
