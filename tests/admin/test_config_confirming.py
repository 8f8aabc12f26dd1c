"""Settings → Integration → Salesforce → Export and import: what was shown is imported."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.admin.config_page import (
    DOCUMENT,
    EXPORT,
    PAGE,
    confirm,
    hidden,
    imported,
    text,
    upload,
    words,
)
from tests.admin.people import client_of, messages_of
from tests.connecting import connect
from tests.ready import PLAIN, make_contacts, ready, run
from wagtail_salesforce.config_document.load import locked
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.preflight import mapping_drift
from wagtail_salesforce.scoring.models import Rule, Score


pytestmark = pytest.mark.django_db


def test_what_was_shown_is_imported_and_logged(admin_client, admin_user):
    response = imported(admin_client, DOCUMENT)
    assert messages_of(response) == ["4 changes were imported."]
    assert ReplicationSettings.load().batch_size == 200
    assert Rule.objects.get().name == "Any form"
    entry = ModelLogEntry.objects.get(action="wagtail_salesforce.import_config")
    assert (entry.user, entry.data["changes"]["settings"]) == (admin_user, 2)
    assert "Nothing differs" in words(upload(admin_client, DOCUMENT))


def test_what_changed_meanwhile_is_shown_again(admin_client):
    page = upload(admin_client, DOCUMENT)
    ReplicationSettings.objects.update(batch_size=700)
    again = confirm(admin_client, page)
    assert "has changed since this page was made" in words(again)
    assert "Changed 700 200" in words(again)
    assert ReplicationSettings.load().batch_size == 700 and not Attribute.objects.exists()
    confirm(admin_client, again)
    assert ReplicationSettings.load().batch_size == 200 and Attribute.objects.exists()


def test_confirming_twice_imports_once(admin_client):
    page = upload(admin_client, DOCUMENT)
    confirm(admin_client, page)
    again = confirm(admin_client, page)
    assert "Nothing differs" in words(again)
    assert ModelLogEntry.objects.filter(action="wagtail_salesforce.import_config").count() == 1


def test_what_does_not_fit_any_more_is_refused(admin_client):
    Score.objects.create(name="Sales ready")
    page = upload(admin_client, {"version": 1, "settings": {"score": "Sales ready"}})
    Score.objects.all().delete()
    again = confirm(admin_client, page)
    assert "There is no score named “Sales ready”" in words(again)
    assert hidden(again) is None


def test_what_stops_fitting_at_the_last_moment_is_refused(admin_client, monkeypatch):
    """The score is deleted between the check and the import, which then waits for nobody else."""
    Score.objects.create(name="Sales ready")
    page = upload(admin_client, {"version": 1, "settings": {"score": "Sales ready"}})

    @contextmanager
    def just_before():
        Score.objects.all().delete()
        with locked():
            yield

    monkeypatch.setattr("wagtail_salesforce.admin.config_page.locked", just_before)
    again = confirm(admin_client, page)
    assert "There is no score named “Sales ready”" in words(again)
    assert not ReplicationSettings.load().by_score


EXTRA = {"name": "Extra__c", "label": "Extra", "type": "string"}


def with_extra(org):
    """A mapping of a field that will have become shorter in Salesforce."""
    org.add_field("Lead", length=40, **EXTRA)
    connect(org)
    lead_describe(force=True)
    ready(org, fields={**PLAIN, "Extra__c": {"source": "field", "name": "city"}})


def shorten(org):
    org.add_field("Lead", length=20, **EXTRA)
    lead_describe(force=True)


def test_changes_in_salesforce_are_named_before_an_import_accepts_them(org, admin_client):
    with_extra(org)
    document = admin_client.get(EXPORT, {"parts": ["mappings"]}).json()
    document["mapping"]["fields"]["Rating"] = {"source": "picklist", "value": "Hot"}
    before = upload(admin_client, document)
    assert "data-drift" not in text(before)
    shorten(org)
    again = confirm(admin_client, before)
    assert "has changed since this page was made" in words(again)
    assert "Leads › Extra (Extra__c): It took 40 characters and now takes 20." in words(again)
    assert "Rating" not in Mapping.objects.get().fields
    assert [each.code for each in mapping_drift(Mapping.objects.get())] == ["shortened"]
    confirm(admin_client, again)
    assert "Rating" in Mapping.objects.get().fields
    assert mapping_drift(Mapping.objects.get()) == []


def test_an_import_that_leaves_the_mapping_alone_accepts_nothing(org, admin_client):
    with_extra(org)
    shorten(org)
    assert "data-drift" not in text(upload(admin_client, DOCUMENT))
    assert [each.code for each in mapping_drift(Mapping.objects.get())] == ["shortened"]


def test_a_forged_an_old_and_a_foreign_document_are_refused(admin_client):
    page = upload(admin_client, DOCUMENT)
    forged = confirm(admin_client, page, document=hidden(page)["document"][:-2] + "xx")
    other = client_of("change_replicationsettings", "change_score", "add_score")
    foreign = other.post(PAGE, hidden(page), follow=True)
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        admin_client.force_login(page.wsgi_request.user)
        old = confirm(admin_client, page)
    for response in (forged, foreign, old):
        assert "Upload the file again." in str(messages_of(response))
    assert not Attribute.objects.exists()


def test_a_mapping_in_use_asks_whether_contacts_go_again(org, admin_client):
    ready(org)
    make_contacts(1)
    run()
    document = admin_client.get(EXPORT, {"parts": ["mappings"]}).json()
    document["mapping"]["fields"]["Rating"] = {"source": "picklist", "value": "Hot"}
    response = imported(admin_client, document)
    assert Mapping.objects.get().fields["Rating"]["value"] == "Hot"
    assert response.redirect_chain[-1][0].startswith(reverse("wagtail_salesforce:resend"))
    settings = {"version": 1, "settings": {"batch_size": 500}}
    assert imported(admin_client, settings).redirect_chain[-1][0] == PAGE


def test_one_failure_undoes_everything(admin_client, monkeypatch):
    def fail(score):
        raise RuntimeError("no")

    monkeypatch.setattr("wagtail_salesforce.config_document.apply.request_recalculation", fail)
    page = upload(admin_client, DOCUMENT)
    with pytest.raises(RuntimeError):
        confirm(admin_client, page)
    assert not Attribute.objects.exists() and not Score.objects.exists()
    assert not ModelLogEntry.objects.exists()
