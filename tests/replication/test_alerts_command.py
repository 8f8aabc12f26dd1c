"""The command tells people itself: where cron runs it, there may be no cluster to send mails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from threading import Barrier

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django_q.models import OrmQ

from tests.cluster import work
from tests.ready import make_contacts, ready
from wagtail_salesforce.exceptions import REASONS
from wagtail_salesforce.replication.alerts import send_alert
from wagtail_salesforce.replication.engine import Request, replicate
from wagtail_salesforce.replication.models import Incident, ReplicationSettings, Run


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def addresses(settings):
    settings.WAGTAIL_SALESFORCE = {**settings.WAGTAIL_SALESFORCE, "ALERT_EMAILS": ["ops@b.org"]}


def command():
    """The reason's words, of a run by the command."""
    with pytest.raises(CommandError) as refusal:
        call_command("salesforce_replicate", stdout=StringIO())
    return str(refusal.value)


def by_schedule():
    return replicate(Request(Run.Trigger.SCHEDULE))


def test_an_outage_is_mailed_once_without_a_cluster(org, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    ready(org)
    make_contacts(1)
    org.fault("server_unavailable", path="/services/data")
    for sent in (0, 0, 0, 1, 1):
        command()
        assert len(mail.outbox) == sent
    assert not OrmQ.objects.exists()
    assert Incident.objects.get().told_at
    body = mail.outbox[0].body
    assert "This has stopped 4 runs in a row." in body
    assert "Nothing needs doing" not in body and "status.salesforce.com" in body


def test_an_incident_that_is_over_is_not_mailed_late(org):
    ready(org, mapping=None)
    for _each in range(3):
        assert by_schedule().reason == "no_mapping"
    assert OrmQ.objects.exists(), "nobody has taken the tasks so far"
    Incident.objects.update(reason="no_default_company", open_reason="no_default_company")
    ready(org)
    assert by_schedule().reason is None
    assert work() and mail.outbox == []


def test_the_command_and_the_queue_send_one_mail_between_them(org):
    ready(org, mapping=None)
    by_schedule()
    command()
    by_schedule()
    work()
    assert len(mail.outbox) == 1


def test_several_workers_send_one_mail(org):
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("SQLite in memory knows no second writer: set WS_TEST_SQLITE_NAME to a file.")
    incident = Incident.objects.create(reason="no_mapping", open_reason="no_mapping", runs=1)
    together = Barrier(4)

    def each(_number):
        try:
            together.wait(30)
            return send_alert(incident.pk)["sent"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(each, range(4))) == [0, 0, 0, 1]


def test_a_mail_server_that_is_away_changes_nothing_else_and_is_tried_again(org, settings, caplog):
    ready(org, mapping=None)
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "tests.no_such_backend"
    words = command()
    assert words.startswith(str(REASONS["no_mapping"].text))
    assert "The alert could not be mailed: " in caplog.text
    assert Incident.objects.get().told_at is None
    settings.EMAIL_BACKEND = working
    command()
    command()
    assert len(mail.outbox) == 1


def test_the_mail_says_what_has_ended_the_authorization(org):
    ready(org)
    make_contacts(1)
    org.options(client_credentials_user=None)
    org.expire_tokens()
    command()
    reason = REASONS["client_credentials_user_missing"]
    assert mail.outbox[0].body.splitlines()[:2] == [str(reason.text), str(reason.cure)]


def test_another_key_is_mailed_with_its_cure_and_over_once_it_is_back(org, settings):
    ready(org)
    key, settings.SECRET_KEY = settings.SECRET_KEY, "another key"
    command()
    assert "Put the former key back" in mail.outbox[0].body
    settings.SECRET_KEY = key
    assert by_schedule().reason is None
    assert Incident.objects.get().ended_at
    assert ReplicationSettings.load().enabled
