"""`salesforce_config`: the contract for scripts, in the form it is promised."""

from __future__ import annotations

import copy
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django_q.models import OrmQ

from tests.connecting import connect
from tests.forms_site import form_page
from wagtail_salesforce.contacts.models import ActivityType, Attribute, Contact, FormConnection
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Rule, Score


pytestmark = pytest.mark.django_db

DOCUMENT = {
    "version": 1,
    "settings": {
        "enabled": True,
        "keep_leads_updated": True,
        "batch_size": 1000,
        "score": "Sales ready",
        "minimum_points": 3,
        "lead_description": "{{ contact.last_name }}",
        "default_company_name": "Unknown",
        "api_reserve_percent": 20,
        "schedule_minutes": 15,
        "duplicates": "suspend",
        "deleted_leads": "exclude",
        "assignment_rule": "off",
        "consent_attribute": None,
    },
    "attributes": [{"name": "licences", "label": "Licences", "type": "integer"}],
    "form_connections": [
        {
            "name": "Quote",
            "form": "/quote/",
            "fields": {
                "your_email": {"field": "email"},
                "licences": {"attribute": "licences"},
            },
            "overwrite": False,
            "activity_type": "purchase",
            "value_field": "licences",
        }
    ],
    "scores": [
        {
            "name": "Sales ready",
            "enabled": True,
            "rules": [
                {
                    "name": "Any form",
                    "kind": "activity",
                    "activity_type": "form_submission",
                    "points": 3,
                    "per": "activity",
                    "recurring": True,
                    "max_points": None,
                },
                {
                    "name": "Licences",
                    "kind": "activity",
                    "activity_type": "purchase",
                    "points": 1,
                    "per": "value",
                    "recurring": True,
                    "max_points": None,
                },
                {
                    "name": "Boss",
                    "kind": "attribute",
                    "source": "field",
                    "field": "job_title",
                    "test": "contains",
                    "value": "Director",
                    "points": 5,
                },
            ],
        }
    ],
    "mapping": {
        "name": "Leads",
        "object": "Lead",
        "external_id_field": "Web_Contact_ID__c",
        "fields": {
            "LastName": {"source": "field", "name": "last_name"},
            "Company": {"source": "custom", "name": "company_name"},
            "Description": {"source": "custom", "name": "lead_description"},
            "Rating": {"source": "picklist", "value": "Hot"},
            "NumberOfEmployees": {"source": "attribute", "name": "licences"},
            "Website": {"source": "constant", "value": "www.example.org"},
        },
    },
}


@pytest.fixture
def page():
    return form_page("quote")


@pytest.fixture
def load(tmp_path):
    def load(document):
        path = tmp_path / "config.json"
        text = document if isinstance(document, str) else json.dumps(document)
        path.write_text(text, encoding="utf-8")
        return call("import", str(path))

    return load


def call(*arguments):
    """Run the command with --json; (exit code, document)."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("salesforce_config", *arguments, "--json", stdout=out, stderr=err)
        code = 0
    except CommandError as error:
        code = error.returncode
    lines = out.getvalue().splitlines()
    return code, json.loads(lines[-1]) if lines else None


def exported():
    code, document = call("export")
    assert code == 0
    return document


def changed(*path, to):
    """The document with one place changed."""
    document = copy.deepcopy(DOCUMENT)
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return document


def test_the_promised_document_is_imported_whole(org, page, load):
    connect(org)
    code, answer = load(DOCUMENT)
    assert (code, answer["state"], answer["reason"]) == (0, "finished", None)
    settings = ReplicationSettings.load()
    assert (settings.enabled, settings.score.name, settings.by_score) == (True, "Sales ready", True)
    assert settings.mapping.fields["Rating"] == {"source": "picklist", "value": "Hot"}
    assert FormConnection.objects.get(name="Quote").page_id == page.pk
    assert Attribute.objects.get(name="licences").type == "integer"
    assert Rule.objects.get(name="Boss").value == "Director"
    assert ActivityType.objects.filter(name="purchase").exists()


def test_what_is_exported_can_be_imported_and_is_the_same(org, page, load):
    connect(org)
    load(DOCUMENT)
    first = exported()
    for model in (FormConnection, Score, Mapping, Attribute):
        model.objects.all().delete()
    assert load(first)[0] == 0
    assert exported() == first
    for part in ("mapping", "settings"):
        assert DOCUMENT[part].items() <= first[part].items()


def test_secrets_are_never_exported(org, page, load):
    connection = connect(org) or None
    load(DOCUMENT)
    text = json.dumps(exported())
    for secret in (org.CLIENT_SECRET, org.CLIENT_ID, "access_token", "refresh_token", "client_"):
        assert secret not in text
    assert connection is None or connection


def test_what_is_absent_stays_unchanged(org, page, load):
    connect(org)
    load(DOCUMENT)
    before = exported()
    assert load({"version": 1})[0] == 0
    assert exported() == before
    assert load({"version": 1, "settings": {"batch_size": 200}})[0] == 0
    settings = ReplicationSettings.load()
    assert (settings.batch_size, settings.minimum_points, settings.score.name) == (
        200,
        3,
        "Sales ready",
    )
    load({"version": 1, "scores": [{"name": "Sales ready", "enabled": False}]})
    assert Score.objects.get().rules.count() == 3
    assert not Score.objects.get().enabled


def test_no_score_means_all_contacts(org, page, load):
    connect(org)
    load(DOCUMENT)
    load({"version": 1, "settings": {"score": None}})
    settings = ReplicationSettings.load()
    assert (settings.score, settings.by_score) == (None, False)


def test_a_mapping_is_refused_while_not_connected(page, load):
    code, document = load(DOCUMENT)
    assert (code, document["reason"]) == (1, "not_authorized")
    assert not Score.objects.exists()
    without = {key: value for key, value in DOCUMENT.items() if key != "mapping"}
    assert load(without)[0] == 0


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ("{", ""),
        ("[]", ""),
        (changed("version", to=2), "version"),
        (changed("colour", to="red"), "colour"),
        (changed("settings", "batch_size", to=1001), "settings.batch_size"),
        (changed("settings", "batch_size", to="many"), "settings.batch_size"),
        (changed("settings", "enabled", to="yes"), "settings.enabled"),
        (changed("settings", "minimum_points", to=-1), "settings.minimum_points"),
        (changed("settings", "minimum_points", to=10**30), "settings.minimum_points"),
        (changed("settings", "minimum_points", to=10**12), "settings.minimum_points"),
        (changed("settings", "score", to="Nobody"), "settings.score"),
        (changed("scores", 0, "name", to="Sales\x00ready"), "scores[0].name"),
        (changed("attributes", 0, "label", to="\x00"), "attributes[0].label"),
        (changed("scores", 0, "notify_at", to=5), "scores[0].notify_at"),
        (
            changed("scores", 0, to={"name": "N", "notify_at": 5, "notify_addresses": "nobody"}),
            "scores[0].notify_addresses",
        ),
        (changed("settings", "lead_description", to="{% load x %}"), "settings.lead_description"),
        (
            changed("settings", "lead_description", to="{{ contact.age }}"),
            "settings.lead_description",
        ),
        (changed("settings", "default_company_name", to=" "), "settings.default_company_name"),
        (changed("settings", "consent_attribute", to="licences"), "settings.consent_attribute"),
        (changed("settings", "duplicates", to="maybe"), "settings.duplicates"),
        (
            changed("settings", "assignment_rule", to="005000000000001AAA"),
            "settings.assignment_rule",
        ),
        (changed("attributes", 0, "type", to="money"), "attributes[0].type"),
        (changed("attributes", 0, "name", to="email"), "attributes[0].name"),
        (changed("form_connections", 0, "form", to="/nowhere/"), "form_connections[0].form"),
        (
            changed("form_connections", 0, "fields", "shoe_size", to={"field": "notes"}),
            "form_connections[0].fields.shoe_size",
        ),
        (
            changed("form_connections", 0, "fields", "licences", to={"attribute": "licence"}),
            "form_connections[0].fields.licences",
        ),
        (
            changed("form_connections", 0, "fields", to={"licences": {"attribute": "licences"}}),
            "form_connections[0].fields",
        ),
        (changed("form_connections", 0, "value_field", to="x"), "form_connections[0].value_field"),
        (changed("scores", 0, "rules", 0, "points", to=100_001), "scores[0].rules[0].points"),
        (changed("scores", 0, "rules", 0, "max_points", to=-5), "scores[0].rules[0].max_points"),
        (changed("scores", 0, "rules", 2, "test", to="resembles"), "scores[0].rules[2].test"),
        (changed("scores", 0, "rules", 2, "field", to="shoe"), "scores[0].rules[2].field"),
        (changed("scores", 0, "rules", 1, "name", to="Any form"), "scores[0].rules[0].name"),
        (
            changed("mapping", "fields", "Colour__c", to={"source": "constant", "value": "x"}),
            "mapping.fields.Colour__c",
        ),
        (
            changed("mapping", "fields", "LastName", to={"source": "field", "name": "age"}),
            "mapping.fields.LastName.name",
        ),
        (
            changed(
                "mapping", "fields", "NumberOfEmployees", to={"source": "field", "name": "city"}
            ),
            "mapping.fields.NumberOfEmployees",
        ),
        (
            changed("mapping", "fields", to={"LastName": {"source": "field", "name": "last_name"}}),
            "mapping.fields",
        ),
        (changed("mapping", "external_id_field", to="Email"), "mapping.external_id_field"),
    ],
)
def test_a_problem_is_named_by_its_path_and_changes_nothing(org, page, load, document, path):
    connect(org)
    before = exported()
    code, answer = load(document)
    assert code == 2
    assert answer["reason"] == "invalid_document"
    assert path in [problem["path"] for problem in answer["problems"]]
    assert all(problem["message"] for problem in answer["problems"])
    assert exported() == before


def test_a_failure_halfway_changes_nothing(org, page, load, monkeypatch):
    """The settings come last: by then everything else has been written."""
    connect(org)
    before, queued = exported(), OrmQ.objects.count()
    monkeypatch.setattr(ReplicationSettings, "choose_score", None)
    code, answer = load(DOCUMENT)
    assert (code, answer["reason"]) == (1, "internal_error")
    assert exported() == before
    assert OrmQ.objects.count() == queued


def test_all_problems_are_listed_together(org, page, load):
    connect(org)
    document = changed("settings", "score", to="Nobody")
    document["scores"][0]["rules"][2]["test"] = "resembles"
    document["form_connections"][0]["form"] = "/nowhere/"
    paths = {problem["path"] for problem in load(document)[1]["problems"]}
    assert paths >= {
        "settings.score",
        "scores[0].rules[2].test",
        "form_connections[0].form",
    }


def test_the_type_of_an_attribute_in_use_stays(org, page, load):
    connect(org)
    load(DOCUMENT)
    Contact.objects.create(email="a@example.org", attributes={"licences": 3})
    code, answer = load(changed("attributes", 0, "type", to="text"))
    assert (code, answer["problems"][0]["path"]) == (2, "attributes[0].type")


def test_the_export_of_a_new_site_can_be_imported(load):
    before = exported()
    assert load(before)[0] == 0
    assert exported() == before


def test_a_score_that_was_deleted_is_not_exported_as_everyone(org, page, load):
    connect(org)
    load(DOCUMENT)
    Score.objects.all().delete()
    document = exported()
    assert "score" not in document["settings"]
    assert load(document)[0] == 0
    settings = ReplicationSettings.load()
    assert (settings.by_score, settings.score) == (True, None)
