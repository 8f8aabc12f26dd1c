"""Every named error of the settings: the panel, the run and the command say the same."""

from __future__ import annotations

import re

import pytest
from django_q.models import Schedule

from tests.admin.people import client_of
from tests.admin.test_panel_settings import values
from tests.ready import make_contacts, ready, run
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.exceptions import REASONS
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.schedule import REPLICATION
from wagtail_salesforce.replication.status import status
from wagtail_salesforce.scoring.models import Score


pytestmark = pytest.mark.django_db

PANEL = "/admin/salesforce/"

#: (reason code, what is stored, the id that the link on the panel leads to)
STORED = [
    ("batch_size", {"batch_size": 0}, "id_batch_size"),
    ("batch_size", {"batch_size": 1001}, "id_batch_size"),
    ("schedule_minutes", {"schedule_minutes": 0}, "id_schedule_minutes"),
    ("schedule_minutes", {"schedule_minutes": 10_081}, "id_schedule_minutes"),
    ("score_missing", {"by_score": True}, "id_audience"),
    ("invalid_lead_description", {"lead_description": "{{ contact.salary }}"}, "id_lead_descr"),
    ("no_default_company", {"default_company_name": "  "}, "id_default_company_name"),
    ("reserve_percent", {"api_reserve_percent": 100}, "id_api_reserve_percent"),
    ("assignment_rule", {"assignment_rule": "00Q5e000000AbCdEAK"}, "id_assignment_id"),
    ("assignment_rule", {"assignment_rule": ""}, "id_assignment_id"),
    ("consent_missing", {"consent_attribute": "gone"}, "id_consent_attribute"),
    ("consent_missing", {"consent_attribute": "colour"}, "id_consent_attribute"),
    ("no_mapping", {"mapping": None}, "id_mapping"),
]


def stored_as(changes):
    """Whatever the form would refuse: direct SQL, or a former version, may have left it there."""
    ReplicationSettings.objects.update(**changes)


def check_all_doors(client, org, code, target):
    page = client.get(PANEL).content.decode()
    assert re.findall(r'data-problem="(\w+)"', page) == [code]
    assert str(REASONS[code].text) in page and str(REASONS[code].cure) in page
    assert re.search(rf'href="#{target}\w*"', page), "a link to the setting"
    assert re.search(rf'id="{target}\w*"', page), "and the setting is there"
    assert status()["problems"] == [code]
    result = run()
    assert (result.state, result.reason) == ("stopped", code)
    assert org.leads() == []


def test_a_bad_value_that_is_stored_stops_replication_by_its_name(admin_client, org):
    Attribute.objects.create(name="colour", label="Colour", type="text")
    ready(org)
    make_contacts(1)
    row = ReplicationSettings.objects.filter(pk=1)
    before = row.values().get()
    for code, changes, target in STORED:
        stored_as(changes)
        check_all_doors(admin_client, org, code, target)
        row.update(**before)
    assert status()["problems"] == []
    assert run().counts["created"] == 1


def test_a_minimum_out_of_range_matters_with_a_score_only(admin_client, org):
    ready(org)
    make_contacts(1)
    score = Score.objects.create(name="Sales ready")
    stored_as({"minimum_points": -1, "by_score": True, "score": score})
    check_all_doors(admin_client, org, "minimum_points", "id_minimum_points")
    stored_as({"by_score": False, "score": None})
    assert run().counts["created"] == 1


def test_minutes_out_of_range_do_not_keep_a_cluster_busy(org):
    settings = ready(org)
    assert Schedule.objects.filter(name=REPLICATION).exists()
    settings.schedule_minutes = 0
    settings.save()
    assert not Schedule.objects.filter(name=REPLICATION).exists()
    settings.schedule_enabled = False
    settings.save()
    assert status()["problems"] == []


def test_who_may_not_change_the_settings_reads_whom_to_ask(org):
    ready(org)
    stored_as({"consent_attribute": "gone"})
    page = client_of("view_run").get(PANEL).content.decode()
    assert "Ask somebody who may change the replication settings." in page


def test_problems_of_the_template_are_lines_and_text(admin_client, org):
    ready(org)
    template = "{{ contact.<b>x</b> }} {{ contact.surname }}"
    page = admin_client.post(PANEL, values(lead_description=template)).content.decode()
    told = re.search(r'error-message">(.*?)</p>', page, re.DOTALL)[1]
    assert told.count("<br>") == 1 and "<b>" not in told and "&lt;b&gt;" in told
