"""`salesforce_config` at the door: arguments, files, stdin, what it prints, and its exit codes."""

from __future__ import annotations

import io
import json
import sys
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from wagtail.models import ModelLogEntry

from tests.connecting import connect
from tests.ready import PLAIN, make_contacts, ready, run
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Rule, Score


pytestmark = pytest.mark.django_db

RULE = {"name": "Any form", "kind": "activity", "activity_type": "form_submission", "points": 3}
DOCUMENT = {
    "version": 1,
    "settings": {"batch_size": 200, "default_company_name": "Unknown"},
    "attributes": [{"name": "licences", "label": "Licences", "type": "integer"}],
    "scores": [{"name": "Sales ready", "rules": [RULE]}],
}


def call(*arguments):
    """(exit code, stdout, stderr)"""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("salesforce_config", *map(str, arguments), stdout=out, stderr=err)
    except CommandError as refusal:
        return refusal.returncode, out.getvalue(), str(refusal)
    return 0, out.getvalue(), err.getvalue()


def answer(*arguments):
    code, out, _err = call(*arguments, "--json")
    return code, json.loads(out)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    return path


@pytest.mark.parametrize("words", [["import", "--dry-run"], ["diff"]])
def test_a_dry_run_names_every_change_and_makes_none(file, words):
    Score.objects.create(name="Older")
    code, document = answer(*words, file)
    assert (code, document["state"], document["reason"]) == (0, "finished", None)
    assert document["dry_run"] is True
    assert {"change": "changed", "path": "settings.batch_size", "old": 1000, "new": 200} in (
        document["changes"]
    )
    assert [item["path"] for item in document["changes"]] == [
        "settings.batch_size",
        "settings.default_company_name",
        "attributes[0]",
        "scores[0]",
    ]
    assert document["kept"] == {"scores": ["Older"]}
    assert ReplicationSettings.load().batch_size == 1000
    assert not Attribute.objects.exists() and not ModelLogEntry.objects.exists()


def test_what_an_import_accepts_of_salesforce_is_named(org, tmp_path):
    extra = {"name": "Extra__c", "label": "Extra", "type": "string"}
    org.add_field("Lead", length=40, **extra)
    connect(org)
    lead_describe(force=True)
    ready(org, fields={**PLAIN, "Extra__c": {"source": "field", "name": "city"}})
    file = tmp_path / "mapping.json"
    call("export", file, "--part", "mappings")
    org.add_field("Lead", length=20, **extra)
    lead_describe(force=True)
    assert answer("diff", file)[1]["drift"] == [], "nothing would be saved"
    exported = json.loads(file.read_text(encoding="utf-8"))
    del exported["mapping"]["fields"]["City"]
    file.write_text(json.dumps(exported), encoding="utf-8")
    told = {"mapping": "Leads", "field": "Extra__c", "code": "shortened", "breaks": False}
    assert answer("diff", file)[1]["drift"] == [told]
    _code, out, _err = call("import", file)
    assert "! Leads: Extra (Extra__c): It took 40 characters and now takes 20." in out


def test_people_read_the_difference_in_lines(file):
    Score.objects.create(name="Older")
    code, out, err = call("import", file, "--dry-run")
    assert code == 0
    assert "~ settings.batch_size: 1000 → 200\n" in out
    assert "+ scores[0] (Sales ready): {" in out
    assert "= scores: Older (stays as it is)" in out
    assert "Nothing was imported" in err


def test_an_import_says_what_it_has_changed_and_then_nothing_differs(file):
    code, document = answer("import", file)
    assert (code, document["dry_run"], len(document["changes"])) == (0, False, 4)
    assert answer("diff", file)[1]["changes"] == []
    assert "Nothing differs" in call("import", file)[1]


def test_the_log_says_who_and_how_much_but_not_what(file):
    call("import", file)
    entry = ModelLogEntry.objects.get(action="wagtail_salesforce.import_config")
    assert entry.data == {"changes": {"settings": 2, "attributes": 1, "scores": 1}}
    assert ModelLogEntry.objects.filter(action="wagtail.create", label="Sales ready").exists()
    call("import", file)
    assert ModelLogEntry.objects.filter(action="wagtail_salesforce.import_config").count() == 1


def test_what_is_there_already_is_not_saved_again(org, file):
    ready(org)
    call("import", file)
    Score.objects.update(status="ready")
    revision, modified = Score.objects.get().revision, ReplicationSettings.load().modified_at
    mapped = Mapping.objects.get().revision
    call("export", file)
    assert answer("import", file)[1]["changes"] == []
    assert (Score.objects.get().status, Score.objects.get().revision) == ("ready", revision)
    assert ReplicationSettings.load().modified_at == modified
    assert Mapping.objects.get().revision == mapped


def test_only_the_rules_that_differ_are_written_and_recalculated(file):
    call("import", file)
    Score.objects.update(status="ready")
    modified = Rule.objects.get().modified_at
    more = {**RULE, "name": "More", "points": 1}
    score = {"name": "Sales ready", "description": "New words", "rules": [RULE]}
    file.write_text(json.dumps({"version": 1, "scores": [score]}))
    call("import", file)
    assert Score.objects.get().status == "ready", "its words give no points"
    file.write_text(json.dumps({"version": 1, "scores": [{**score, "rules": [RULE, more]}]}))
    call("import", file)
    assert Score.objects.get().status != "ready"
    assert Rule.objects.get(name="Any form").modified_at == modified


def test_an_editor_with_the_mapping_open_will_notice(org, file):
    ready(org)
    before = Mapping.objects.get().revision
    call("export", file, "--part", "mappings")
    document = json.loads(file.read_text())
    document["mapping"]["fields"]["Website"] = {"source": "constant", "value": "www.example.org"}
    file.write_text(json.dumps(document))
    code, found = answer("import", file)
    assert (code, [item["path"] for item in found["changes"]]) == (0, ["mapping.fields.Website"])
    assert Mapping.objects.get().revision == before + 1


def test_who_changes_what_leads_hold_is_told_that_they_stay(org, file):
    ready(org, keep_leads_updated=True)
    make_contacts(1)
    assert run().counts["created"] == 1
    settings = {"lead_description": "{{ contact.first_name }}"}
    file.write_text(json.dumps({"version": 1, "settings": settings}))
    mapping = Mapping.objects.get()
    mapping.fields |= {"Description": {"source": "custom", "name": "lead_description"}}
    mapping.save()
    assert "Leads that exist keep what they have" in call("import", file)[2]
    assert "Leads that exist" not in call("import", file)[2]


def test_stdin(file, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(file.read_bytes())))
    code, _out, err = call("import", "-")
    assert code == 0
    assert "Imported the document from stdin." in err
    assert Attribute.objects.filter(name="licences").exists()


def test_parts(file):
    call("import", file, "--part", "attributes")
    assert Attribute.objects.exists() and not Score.objects.exists()
    assert answer("export", "--part", "attributes", "--part", "settings")[1].keys() == {
        "version",
        "settings",
        "attributes",
    }


def test_exporting_to_a_file(tmp_path):
    path = tmp_path / "out.json"
    assert call("export", path)[:2] == (0, "")
    assert json.loads(path.read_text(encoding="utf-8"))["version"] == 1
    assert json.loads(call("export")[1]) == json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["move", "{file}"],
        ["import"],
        ["diff"],
        ["import", "{missing}"],
        ["diff", "{folder}"],
        ["export", "{folder}"],
        ["export", "{missing}", "--dry-run"],
        ["import", "{file}", "--part", "colours"],
        ["import", "{file}", "more"],
    ],
)
def test_wrong_arguments_are_2(file, tmp_path, arguments):
    places = {"file": file, "missing": tmp_path / "missing", "folder": tmp_path}
    code, out, err = call(*(word.format(**places) for word in arguments), "--json")
    assert code == 2
    assert out in ("", '{"state": "stopped", "reason": "wrong_arguments"}\n')
    assert err
    assert not Attribute.objects.exists()


def test_an_invalid_document_is_2_also_in_a_dry_run(file):
    file.write_text(json.dumps({**DOCUMENT, "settings": {"score": "Nobody"}}))
    for words in (["import"], ["import", "--dry-run"], ["diff"]):
        code, document = answer(*words, file)
        assert (code, document["reason"]) == (2, "invalid_document")
        assert [problem["path"] for problem in document["problems"]] == ["settings.score"]
    assert not Attribute.objects.exists()


def test_a_mapping_while_not_connected_is_1_also_in_a_dry_run(file):
    mapping = {"name": "Leads", "external_id_field": "Web_Contact_ID__c", "fields": {}}
    file.write_text(json.dumps({"version": 1, "mapping": mapping}))
    for words in (["import"], ["diff"]):
        assert answer(*words, file) == (1, {"state": "stopped", "reason": "not_authorized"})
        assert call(*words, file)[2].count("Authorize") == 1
