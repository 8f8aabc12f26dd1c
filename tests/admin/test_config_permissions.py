"""Export and import: who may do it, for GET and POST, part by part."""

from __future__ import annotations

import pytest

from tests.admin.config_page import (
    DOCUMENT,
    EXPORT,
    HOME,
    PAGE,
    PARTS,
    confirm,
    hidden,
    imported,
    text,
    upload,
    words,
)
from tests.admin.people import client_of
from tests.ready import ready
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Rule, Score


pytestmark = pytest.mark.django_db

MODELS = {
    "attributes": "attribute",
    "statuses": "contactstatus",
    "form_connections": "formconnection",
    "scores": "score",
    "mappings": "mapping",
}


def test_a_visitor_is_sent_to_the_login(client):
    for url in (PAGE, EXPORT):
        assert "/admin/login/" in client.get(url).url
    assert "/admin/login/" in upload(client, DOCUMENT).url


def test_without_any_right_there_is_nothing():
    client = client_of("view_contact")
    for url in (PAGE, EXPORT):
        assert client.get(url, {"parts": "settings"}).url == HOME
    assert upload(client, DOCUMENT).url == HOME


@pytest.mark.parametrize(("part", "model"), MODELS.items())
def test_exporting_a_part_needs_to_see_it(part, model):
    client = client_of(f"view_{model}")
    assert text(client.get(PAGE)).count('name="parts"') == 1
    assert client.get(EXPORT, {"parts": part}).status_code == 200
    for other in PARTS:
        if other != part:
            assert client.get(EXPORT, {"parts": [part, other]}).url == HOME


@pytest.mark.parametrize("permission", ["view_run", "change_replicationsettings"])
def test_who_may_open_the_panel_may_export_the_settings(permission):
    client = client_of(permission)
    assert client.get(EXPORT, {"parts": "settings"}).status_code == 200
    assert client.get(EXPORT, {"parts": "scores"}).url == HOME


@pytest.mark.parametrize("model", MODELS.values())
def test_seeing_alone_imports_nothing(model):
    client = client_of(f"view_{model}", "view_run")
    assert "import-file" not in text(client.get(PAGE))
    assert upload(client, DOCUMENT).url == HOME
    assert client.post(PAGE, {"form": "confirm"}).url == HOME


def test_settings_need_the_right_to_change_them():
    client = client_of("change_replicationsettings")
    settings = {"version": 1, "settings": {"batch_size": 200}}
    assert "not one of the available" in words(upload(client, settings, ["settings", "scores"]))
    imported(client, settings, parts=["settings"])
    assert ReplicationSettings.load().batch_size == 200


def test_parts_that_somebody_may_not_import_are_left_out():
    client = client_of("change_replicationsettings")
    page = upload(client, DOCUMENT, parts=["settings"])
    assert "Attributes, Scores and their rules." in words(page)
    confirm(client, page)
    assert not (Attribute.objects.exists() or Score.objects.exists())


def test_adding_and_changing_are_two_rights():
    document = {"version": 1, "attributes": [{"name": "a", "label": "A", "type": "text"}]}
    changer, adder = client_of("change_attribute"), client_of("add_attribute")
    page = upload(changer, document, parts=["attributes"])
    assert "attributes[0] You may not make this change." in words(page)
    assert hidden(page) is None
    imported(adder, document, parts=["attributes"])
    assert Attribute.objects.get().label == "A"
    document["attributes"][0]["label"] = "B"
    assert hidden(upload(adder, document, parts=["attributes"])) is None
    imported(changer, document, parts=["attributes"])
    assert Attribute.objects.get().label == "B"


def test_a_rule_belongs_to_its_score():
    Score.objects.create(name="Sales ready")
    document = {"version": 1, "scores": DOCUMENT["scores"]}
    assert hidden(upload(client_of("add_score"), document, parts=["scores"])) is None
    imported(client_of("change_score"), document, parts=["scores"])
    assert Rule.objects.get().points == 3


def test_which_mapping_is_in_use_is_a_setting(org):
    ready(org)
    mapping = Mapping.objects.get()
    mapping.pk, mapping.name = None, "Other"
    mapping.save()
    document = {
        "version": 1,
        "mapping": {
            "name": "Other",
            "external_id_field": mapping.external_id_field,
            "fields": mapping.fields,
        },
    }
    page = upload(client_of("change_mapping"), document, parts=["mappings"])
    assert "You may not choose which mapping is in use." in words(page)
    assert hidden(page) is None
    client = client_of("change_mapping", "change_replicationsettings")
    imported(client, document, parts=["mappings"])
    assert ReplicationSettings.load().mapping.name == "Other"


def test_a_right_that_is_gone_meanwhile_is_missed():
    client = client_of("change_replicationsettings", "change_score")
    page = upload(client, {"version": 1, "settings": {"batch_size": 5}}, parts=["settings"])
    group = page.wsgi_request.user.groups.get()
    group.permissions.remove(group.permissions.get(codename="change_replicationsettings"))
    assert client.post(PAGE, hidden(page)).url == HOME
    assert ReplicationSettings.load().batch_size == 1000
