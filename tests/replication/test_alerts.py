"""People are told once when replication stops for a reason that does not pass by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.db import IntegrityError, connection
from django.utils import timezone

from tests.cluster import work
from tests.ready import ready, run
from tests.testapp.extensions import as_it_was, fails
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.alerts import note_end
from wagtail_salesforce.replication.extensions import register_chooser, register_payload_hook
from wagtail_salesforce.replication.models import Incident, LeadLink, ReplicationSettings, Run
from wagtail_salesforce.signals import incident_began, incident_ended


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(settings):
    """What the signals say, as they say it."""
    given = getattr(django_settings, "WAGTAIL_SALESFORCE", {})
    settings.WAGTAIL_SALESFORCE = {**given, "ALERT_EMAILS": ["ops@example.org"]}
    heard = []

    def began(incident, **kwargs):
        heard.append(("began", incident.reason))

    def ended(incident, **kwargs):
        heard.append(("ended", incident.reason))

    incident_began.connect(began)
    incident_ended.connect(ended)
    yield heard
    incident_began.disconnect(began)
    incident_ended.disconnect(ended)


def due():
    return Contact.objects.create(email=f"{Contact.objects.count()}@example.org", last_name="Doe")


def test_once_per_incident_by_mail_and_by_signal(org, told):
    ready(org)
    contact = due()
    ReplicationSettings.objects.update(default_company_name="")
    for _ in range(3):
        assert run().reason == "no_default_company"
    work()
    [message] = mail.outbox
    assert message.to == ["ops@example.org"]
    assert message.subject == "Salesforce replication has stopped: Test site"
    assert "company" in message.body
    assert contact.email not in message.body
    ReplicationSettings.objects.update(default_company_name="Acme")
    assert run().reason is None
    ReplicationSettings.objects.update(default_company_name="")
    run()
    work()
    assert len(mail.outbox) == 2
    assert told == [
        ("began", "no_default_company"),
        ("ended", "no_default_company"),
        ("began", "no_default_company"),
    ]


def test_another_reason_is_another_incident(org, told):
    ready(org)
    due()
    ReplicationSettings.objects.update(default_company_name="")
    run()
    ReplicationSettings.objects.update(default_company_name="Acme", mapping=None)
    run()
    assert told == [
        ("began", "no_default_company"),
        ("ended", "no_default_company"),
        ("began", "no_mapping"),
    ]


def test_a_lost_authorization(org, told):
    ready(org)
    due()
    org.options(client_credentials_user=None)
    org.expire_tokens()
    assert run().reason == "not_authorized"
    due()
    assert run().reason == "not_authorized"
    work()
    assert len(mail.outbox) == 1
    assert told == [("began", "not_authorized")]


def test_what_passes_by_itself_is_told_when_it_lasts(org, told, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    ready(org)
    due()
    org.fault("server_unavailable", path="/services/data")
    for _ in range(3):
        assert run().reason == "org_unavailable"
    assert told == []
    run()
    run()
    assert told == [("began", "org_unavailable")]
    org.clear_faults()
    run()
    assert told[-1] == ("ended", "org_unavailable")


@pytest.mark.parametrize("change", [{"enabled": False}, {"api_reserve_percent": 99}])
def test_nobody_is_told_of_what_somebody_asked_for(org, told, change):
    ready(org)
    due()
    org.set_allowance(max=100, used=50)
    ReplicationSettings.objects.update(**change)
    run()
    run()
    assert (told, Incident.objects.count()) == ([], 0)


def test_nobody_is_told_of_a_site_that_was_never_connected(told, db):
    Connection.objects.all().delete()
    run()
    assert (told, Incident.objects.count()) == ([], 0)


def test_without_addresses_only_the_signal_tells(org, told, settings):
    ready(org)
    settings.WAGTAIL_SALESFORCE = {**settings.WAGTAIL_SALESFORCE, "ALERT_EMAILS": []}
    ReplicationSettings.objects.update(mapping=None)
    run()
    work()
    assert (told, mail.outbox) == ([("began", "no_mapping")], [])


def test_a_mail_server_that_is_away_is_tried_again(org, told, settings):
    ready(org)
    ReplicationSettings.objects.update(mapping=None)
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.no_such_backend"
    run()
    work()
    assert (Incident.objects.get().told_at, mail.outbox) == (None, [])
    settings.EMAIL_BACKEND = working
    run()
    run()
    work()
    assert len(mail.outbox) == 1
    assert told == [("began", "no_mapping")]


def test_a_receiver_that_fails_does_not_fail_the_run(org, told, caplog):
    ready(org)
    ReplicationSettings.objects.update(mapping=None)

    def broken(incident, **kwargs):
        raise ValueError("somebody@example.org")

    incident_began.connect(broken)
    try:
        assert run().reason == "no_mapping"
    finally:
        incident_began.disconnect(broken)
    work()
    assert len(mail.outbox) == 1
    ours = [record.getMessage() for record in caplog.records if record.name == "wagtail_salesforce"]
    assert any("A receiver failed" in words for words in ours)
    assert "somebody@example.org" not in "".join(ours)


def test_a_run_with_nothing_to_send_does_not_end_what_only_salesforce_can_tell(
    org, told, monkeypatch
):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    ready(org)
    contact = due()
    org.fault("server_unavailable", path="/services/data")
    for _ in range(4):
        run()
    LeadLink.objects.filter(contact=contact).update(due_at=None)
    assert run().reason is None
    assert told == [("began", "org_unavailable")]
    ReplicationSettings.objects.update(mapping=None)
    run()
    ReplicationSettings.objects.update(mapping=Mapping.objects.get())
    run()
    assert told[-1] == ("ended", "no_mapping"), "that is known without a call"


def test_the_mail_leads_to_the_panel(org, told, settings):
    settings.WAGTAILADMIN_BASE_URL = "https://cms.example.com/"
    ready(org)
    ReplicationSettings.objects.update(mapping=None)
    run()
    work()
    assert mail.outbox[0].body.endswith("\nhttps://cms.example.com/admin/salesforce/")


@pytest.mark.parametrize(
    ("name", "base", "subject", "place"),
    [
        (
            "Ärzte &\nCo",
            "https://a.example/",
            ": Ärzte & Co",
            "Site: Ärzte & Co, https://a.example",
        ),
        ("", "https://a.example", ": a.example", "Site: a.example, https://a.example"),
        ("Acme", None, ": Acme", "Site: Acme"),
        ("", "", "", None),
    ],
)
def test_the_mail_says_which_site_it_is(org, told, settings, name, base, subject, place):
    settings.WAGTAIL_SITE_NAME, settings.WAGTAILADMIN_BASE_URL = name, base
    ready(org)
    ReplicationSettings.objects.update(mapping=None)
    note_end("no_mapping", Run.objects.create())
    work()
    [message] = mail.outbox
    assert message.subject == f"Salesforce replication has stopped{subject}"
    lines = message.body.splitlines()
    assert [line for line in lines if line.startswith("Site:")] == ([place] if place else [])


@pytest.mark.parametrize("register", [register_chooser, register_payload_hook])
def test_the_mail_names_the_function_that_failed_and_nobody(org, told, register):
    ready(org)
    contact = due()
    with as_it_was():
        register(fails)
        assert run().reason == "extension_failed"
        work()
    [message] = mail.outbox
    assert "The function is tests.testapp.extensions.fails." in message.body.splitlines()
    assert contact.email not in message.body and "ada@" not in message.body


def test_a_function_that_failed_before_is_not_named_for_another_reason(org, told):
    ready(org)
    due()
    with as_it_was():
        register_payload_hook(fails)
        run()
    ReplicationSettings.objects.update(mapping=None)
    run()
    work()
    assert ["The function is" in message.body for message in mail.outbox] == [True, False]


WORKERS = 8


def at_once(work):
    """Do `work` in as many threads as there may be workers, which begin together."""
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("SQLite in memory knows no second writer: set WS_TEST_SQLITE_NAME to a file.")
    together = Barrier(WORKERS)

    def each(_number):
        try:
            together.wait(30)
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(each, range(WORKERS)))


@pytest.mark.parametrize("reason", ["no_mapping", "org_unavailable"])
def test_workers_that_meet_a_reason_at_once_tell_once(told, settings, monkeypatch, reason):
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 60)
    settings.WAGTAIL_SALESFORCE = {**settings.WAGTAIL_SALESFORCE, "ALERT_EMAILS": []}
    Connection.load()
    Connection.objects.update(status=Connection.Status.AUTHORIZED)
    met = Run.objects.create()
    at_once(lambda: note_end(reason, met))
    assert told == [("began", reason)]
    assert Incident.objects.get().runs == WORKERS
    through = Run.objects.create(api_calls=1)
    at_once(lambda: note_end("", through))
    assert told == [("began", reason), ("ended", reason)]


def test_a_reason_cannot_have_two_open_incidents(told):
    for _each in range(2):
        Incident.objects.create(reason="no_mapping", ended_at=timezone.now())
    Incident.objects.create(reason="no_mapping", open_reason="no_mapping")
    with pytest.raises(IntegrityError):
        Incident.objects.create(reason="no_mapping", open_reason="no_mapping")
