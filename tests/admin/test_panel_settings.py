"""The replication settings on the panel: saved whole, or refused with the field named."""

from __future__ import annotations

import pytest
from django_q.models import Schedule
from wagtail.models import ModelLogEntry

from tests.admin.people import client_of
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.schedule import REPLICATION
from wagtail_salesforce.scoring.models import Score


pytestmark = pytest.mark.django_db

PANEL = "/admin/salesforce/"


@pytest.fixture
def client(db):
    """Somebody who may change the settings, and nothing else."""
    return client_of("change_replicationsettings")


def values(**changes):
    given = {
        "form": "settings",
        "enabled": "on",
        "keep_leads_updated": "on",
        "mapping": str(Mapping.objects.get_or_create(name="Leads")[0].pk),
        "batch_size": "500",
        "audience": "all",
        "minimum_points": "0",
        "schedule_enabled": "on",
        "schedule_minutes": "30",
        "lead_description": "{{ contact.last_name }}",
        "default_company_name": "Unknown",
        "api_reserve_percent": "35",
        "duplicates": "save",
        "deleted_leads": "create",
        "assignment": "off",
        "assignment_id": "",
        "consent_attribute": "",
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def save(client, **changes):
    return client.post(PANEL, values(**changes))


def errors_of(response):
    assert response.status_code == 200
    return response.context["settings_form"].errors


def test_everything_is_stored(client):
    score = Score.objects.create(name="Sales ready")
    Attribute.objects.create(name="consent", label="Consent", type="boolean")
    response = save(
        client,
        audience=str(score.pk),
        minimum_points="7",
        assignment="one",
        assignment_id="01Q5e000000AbCdEAK",
        consent_attribute="consent",
    )
    assert response.url == PANEL
    stored = ReplicationSettings.load()
    assert (stored.enabled, stored.keep_leads_updated) == (True, True)
    assert (stored.mapping.name, stored.batch_size) == ("Leads", 500)
    assert (stored.by_score, stored.score, stored.minimum_points) == (True, score, 7)
    assert (stored.schedule_enabled, stored.schedule_minutes) == (True, 30)
    assert (stored.lead_description, stored.default_company_name) == (
        "{{ contact.last_name }}",
        "Unknown",
    )
    assert (stored.api_reserve_percent, stored.duplicates, stored.deleted_leads) == (
        35,
        "save",
        "create",
    )
    assert stored.assignment_rule == "01Q5e000000AbCdEAK"
    assert stored.consent_attribute == "consent"


def test_boxes_that_are_not_ticked_are_off(client):
    save(client, enabled=None, keep_leads_updated=None, schedule_enabled=None)
    stored = ReplicationSettings.load()
    assert not (stored.enabled or stored.keep_leads_updated or stored.schedule_enabled)


def test_the_schedule_follows(client):
    save(client, schedule_minutes="45")
    assert Schedule.objects.get(name=REPLICATION).minutes == 45
    save(client, schedule_enabled=None)
    assert not Schedule.objects.filter(name=REPLICATION).exists()


BAD = [
    ("batch_size", "0", "greater than or equal to 1"),
    ("batch_size", "1001", "less than or equal to 1000"),
    ("batch_size", "many", "whole number"),
    ("minimum_points", "-1", "greater than or equal to 0"),
    ("minimum_points", "99999999999", "less than or equal to"),
    ("schedule_minutes", "0", "greater than or equal to 1"),
    ("schedule_minutes", "999999", "less than or equal to"),
    ("api_reserve_percent", "100", "less than or equal to 99"),
    ("default_company_name", "", "required"),
    ("default_company_name", "   ", "required"),
    ("default_company_name", "x" * 256, "255"),
    ("audience", "4711", "valid choice"),
    ("mapping", "4711", "valid choice"),
    ("consent_attribute", "nothing", "valid choice"),
    ("duplicates", "nonsense", "valid choice"),
    ("lead_description", "{% for x in y %}", ""),
    ("lead_description", "{{ contact.last_name", ""),
    ("lead_description", "{{ contact.salary }}", "salary"),
    ("lead_description", "{{ contact.last_name|safe }}", ""),
]


@pytest.mark.parametrize(("field", "value", "words"), BAD)
def test_bad_values_are_refused_by_name_and_nothing_is_stored(client, field, value, words):
    save(client, schedule_minutes="30")
    before = ReplicationSettings.objects.values().get()
    response = save(client, **{"api_reserve_percent": "50", field: value})
    errors = errors_of(response)
    assert list(errors) == [field]
    assert words in errors[field][0]
    assert ReplicationSettings.objects.values().get() == before
    assert value.strip() == "" or value in str(response.context["settings_form"][field].value())


@pytest.mark.parametrize("rule", ["", "01Q", "01Q5e000000AbCd/", "00Q5e000000AbCdEAK"])
def test_an_assignment_rule_needs_a_proper_id(client, rule):
    errors = errors_of(save(client, assignment="one", assignment_id=rule))
    assert list(errors) == ["assignment_id"]


def test_the_active_assignment_rule(client):
    save(client, assignment="active")
    assert ReplicationSettings.load().assignment_rule == "active"


def test_a_deleted_score_never_comes_to_mean_everyone(client):
    score = Score.objects.create(name="Sales ready")
    save(client, audience=str(score.pk))
    score.delete()
    page = client.get(PANEL)
    assert "The score was deleted: choose again" in page.content.decode()
    shown = page.context["settings_form"]["audience"].value()
    assert list(errors_of(save(client, audience=shown))) == ["audience"]
    assert ReplicationSettings.load().by_score
    save(client, audience="all")
    assert not ReplicationSettings.load().by_score


def test_a_consent_attribute_that_is_gone_stays_chosen(client):
    ReplicationSettings.load()
    ReplicationSettings.objects.update(consent_attribute="gone")
    page = client.get(PANEL)
    assert "gone (this attribute no longer exists)" in page.content.decode()
    save(client, consent_attribute="gone")
    assert ReplicationSettings.load().consent_attribute == "gone"


def test_the_description_may_use_attributes(client):
    Attribute.objects.create(name="licences", label="Licences", type="integer")
    response = save(client, lead_description="{{ contact.attributes.licences|default:0 }}")
    assert response.status_code == 302


def test_the_log_holds_no_values(client):
    save(client, default_company_name="Very secret company")
    entry = ModelLogEntry.objects.get(action="wagtail_salesforce.change_settings")
    assert "secret" not in str(entry.data) and entry.user.username.startswith("person")


def test_only_with_the_permission():
    response = client_of("authorize_connection", "run_replication").post(PANEL, values())
    assert response.url == "/admin/"
    assert not ReplicationSettings.objects.filter(default_company_name="Unknown").exists()
