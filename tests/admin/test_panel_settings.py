"""The replication settings on the panel: saved whole, or refused with the field named."""

from __future__ import annotations

import pytest
from django_q.models import Schedule
from wagtail.models import ModelLogEntry

from tests.admin.people import client_of
from wagtail_salesforce.admin.forms_replication import ReplicationForm
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
        "shown": ReplicationForm(instance=ReplicationSettings.load()).shown,
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
    ("batch_size", "0", "from 1 to 1,000"),
    ("batch_size", "1001", "from 1 to 1,000"),
    ("schedule_minutes", "0", "from 1 to 10,080"),
    ("schedule_minutes", "999999", "from 1 to 10,080"),
    ("api_reserve_percent", "100", "from 0 to 99"),
    ("default_company_name", "", "Enter a company name"),
    ("default_company_name", "   ", "Enter a company name"),
    ("default_company_name", "x" * 256, "255"),
    ("audience", "4711", "score no longer exists"),
    ("audience", "", "Choose a score, or all contacts"),
    ("mapping", "4711", "mapping no longer exists"),
    ("mapping", "", "leave replication off"),
    ("consent_attribute", "nothing", "yes-or-no attribute"),
    ("duplicates", "nonsense", "valid choice"),
    ("lead_description", "{% for x in y %}", "no template tags"),
    ("lead_description", "{{ contact.last_name", "two braces"),
    ("lead_description", "{{ contact.salary }}", "There is no contact.salary"),
    ("lead_description", "{{ contact.last_name|safe }}", "no filter “safe”"),
]


@pytest.mark.parametrize(("field", "value", "words"), BAD)
def test_bad_values_are_refused_by_name_and_nothing_is_stored(client, field, value, words):
    before = ReplicationSettings.objects.values().get() if ReplicationSettings.load() else None
    response = save(client, **{"api_reserve_percent": "50", field: value})
    errors = errors_of(response)
    assert list(errors) == [field]
    assert words in errors[field][0]
    assert ReplicationSettings.objects.values().get() == before
    assert value.strip() == "" or value in str(response.context["settings_form"][field].value())


NUMBERS = [
    ("1,000", 1000),
    ("1.000", 1000),
    ("1 000", 1000),
    ("1\u202f000", 1000),
    ("1'000", 1000),
    (" 200 ", 200),
    ("+7", 7),
    ("0200", 200),
    ("١٢", 12),
    ("", None),
    ("-1", None),
    ("1e3", None),
    ("1.0", None),
    ("1,5", None),
    ("1.00", None),
    ("1,000.000", None),
    ("1,00", None),
    ("10%", None),
    ("0x10", None),
    ("many", None),
    ("9" * 30, None),
    ("9" * 6000, None),
    ("NaN", None),
    ("12\x003", None),
]


@pytest.mark.parametrize(("typed", "number"), NUMBERS)
def test_numbers_as_people_type_them(client, typed, number):
    """Never read as another number: Django's own field takes “1.000” for 1."""
    response = save(client, batch_size=typed)
    if number is None:
        wanted = "Enter a whole number from 1 to 1,000, in digits."
        assert errors_of(response) == {"batch_size": [wanted]}
        assert ReplicationSettings.load().batch_size == 1000
    else:
        assert response.status_code == 302
        assert ReplicationSettings.load().batch_size == number


def test_a_minimum_counts_only_with_a_score(client):
    score = Score.objects.create(name="Sales ready")
    for value in ("-1", "99999999999", ""):
        errors = errors_of(save(client, audience=str(score.pk), minimum_points=value))
        assert errors == {
            "minimum_points": ["Enter a whole number from 0 to 2,147,483,647, in digits."]
        }
    assert save(client, audience=str(score.pk), minimum_points="1,200").status_code == 302
    assert save(client, audience="all", minimum_points="nonsense").status_code == 302
    assert ReplicationSettings.load().minimum_points == 1200


def test_what_a_choice_hides_is_neither_checked_nor_changed(client):
    save(client, schedule_minutes="45", assignment="one", assignment_id="01Q5e000000AbCdEAK")
    response = save(client, schedule_enabled=None, schedule_minutes="0", assignment_id="nonsense")
    assert response.status_code == 302
    stored = ReplicationSettings.load()
    assert (stored.schedule_minutes, stored.assignment_rule) == (45, "off")


def test_without_a_mapping_everything_else_may_be_set_while_replication_is_off(client):
    assert save(client, enabled=None, mapping="").status_code == 302
    assert ReplicationSettings.load().mapping is None


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


@pytest.mark.parametrize("kind", ["", "text"])
def test_a_consent_attribute_that_is_gone_is_named_and_never_means_everyone(client, kind):
    ReplicationSettings.load()
    ReplicationSettings.objects.update(consent_attribute="agreed")
    if kind:
        Attribute.objects.create(name="agreed", label="Agreed", type=kind)
    page = client.get(PANEL)
    assert "agreed (no longer a yes-or-no attribute)" in page.content.decode()
    assert page.context["settings_form"]["consent_attribute"].value() == "agreed"
    errors = errors_of(save(client, consent_attribute="agreed"))
    assert "Nobody can agree with “agreed” any more" in errors["consent_attribute"][0]
    assert list(errors) == ["consent_attribute"]


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
