"""Two people with the settings open at once."""

from __future__ import annotations

import html
import re

import pytest

from tests.admin.people import client_of
from tests.admin.test_panel_settings import PANEL, values
from wagtail_salesforce.admin import settings_conflict as conflict
from wagtail_salesforce.admin.forms_replication import ReplicationForm
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.replication.models import ReplicationSettings


pytestmark = pytest.mark.django_db


@pytest.fixture
def client(db):
    Attribute.objects.create(name="news", label="Newsletter", type="boolean")
    return client_of("change_replicationsettings")


def opened(client):
    """What a page sends back unseen."""
    page = client.get(PANEL).content.decode()
    return html.unescape(re.search(r'name="shown" value="([^"]+)"', page)[1])


def form_of(response):
    assert response.status_code == 200
    return response.context["settings_form"]


def test_the_second_is_told_and_overwrites_nothing_unseen(client):
    client.post(PANEL, values())
    first, second = opened(client), opened(client)
    theirs = values(shown=first, batch_size="200", enabled=None, consent_attribute="news")
    assert client.post(PANEL, theirs).status_code == 302
    before = ReplicationSettings.objects.values().get()

    response = client.post(PANEL, values(shown=second, schedule_minutes="60", batch_size="300"))
    form = form_of(response)
    assert ReplicationSettings.objects.values().get() == before
    assert "Somebody else has saved these settings" in form.non_field_errors()[0]
    assert form.errors["batch_size"] == ["Somebody else has changed this to: 200"]
    assert form.errors["enabled"] == ["Somebody else has changed this to: not ticked"]
    assert form.errors["consent_attribute"] == ["Somebody else has changed this to: Newsletter"]
    assert set(form.errors) == {"__all__", "batch_size", "enabled", "consent_attribute"}
    # What I have typed stays; what I have not touched is theirs now.
    assert form["batch_size"].value() == "300"
    assert form["schedule_minutes"].value() == "60"
    assert (form["enabled"].value(), form["consent_attribute"].value()) == (False, "news")

    again = values(shown=form.shown, schedule_minutes="60", batch_size="300", enabled=None)
    assert client.post(PANEL, again | {"consent_attribute": "news"}).status_code == 302
    stored = ReplicationSettings.load()
    assert (stored.batch_size, stored.schedule_minutes, stored.enabled) == (300, 60, False)


def test_the_same_change_by_two_is_nothing_to_be_told_of(client):
    client.post(PANEL, values())
    shown = opened(client)
    client.post(PANEL, values(shown=shown, batch_size="200"))
    response = client.post(PANEL, values(shown=shown, batch_size="200", api_reserve_percent="5"))
    assert response.status_code == 302
    assert ReplicationSettings.load().api_reserve_percent == 5


def test_a_refused_page_still_notices_who_saves_next(client):
    client.post(PANEL, values())
    form = form_of(client.post(PANEL, values(shown=opened(client), batch_size="many")))
    client.post(PANEL, values(shown=opened(client), api_reserve_percent="5"))
    late = form_of(client.post(PANEL, values(shown=form.shown, batch_size="100")))
    assert list(late.errors) == ["__all__", "api_reserve_percent"]
    assert ReplicationSettings.load().batch_size == 500


@pytest.mark.parametrize("shown", ["", "nonsense", "eyJhIjoxfQ:1abc:forged", None])
def test_without_what_the_page_showed_nothing_is_overwritten(client, shown):
    client.post(PANEL, values(batch_size="200"))
    form = form_of(client.post(PANEL, values(shown=shown, batch_size="300")))
    assert list(form.errors) == ["__all__", "batch_size"]
    assert ReplicationSettings.load().batch_size == 200


def test_what_changes_by_itself_is_no_conflict(client):
    """Runs and re-authorizing write beside the settings, and keep what they wrote."""
    client.post(PANEL, values())
    shown = opened(client)
    ReplicationSettings.objects.update(org_id="00D5e000000ZzZzEAK")
    assert client.post(PANEL, values(shown=shown, batch_size="300")).status_code == 302
    stored = ReplicationSettings.load()
    assert (stored.batch_size, stored.org_id) == (300, "00D5e000000ZzZzEAK")


def test_another_organization_chosen_while_the_form_is_read_is_kept(client):
    form = ReplicationForm(values(), instance=ReplicationSettings.load())
    ReplicationSettings.objects.update(org_id="00D5e000000ZzZzEAK")
    assert form.is_valid()
    form.save()
    assert ReplicationSettings.load().org_id == "00D5e000000ZzZzEAK"


def test_line_breaks_of_an_imported_template_are_no_change(client):
    client.post(PANEL, values())
    ReplicationSettings.objects.update(lead_description="a\nb")
    page = values(shown=opened(client), lead_description="a\r\nb")
    ReplicationSettings.objects.update(lead_description="c")
    form = form_of(client.post(PANEL, page))
    assert form["lead_description"].value() == "c"


def test_what_a_run_notes_meanwhile_is_not_overwritten(client, monkeypatch):
    client.post(PANEL, values())
    shown, lock = opened(client), conflict.lock_settings

    def a_run_before():
        ReplicationSettings.objects.update(org_id="00D5e000000AaAaEAK", payload_key="noted")
        return lock()

    monkeypatch.setattr(conflict, "lock_settings", a_run_before)
    assert client.post(PANEL, values(shown=shown, batch_size="200")).status_code == 302
    stored = ReplicationSettings.load()
    assert (stored.batch_size, stored.org_id, stored.payload_key) == (
        200,
        "00D5e000000AaAaEAK",
        "noted",
    )
