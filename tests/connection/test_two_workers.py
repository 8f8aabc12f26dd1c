"""Two workers find the token expired at once. The org kills the authorization if a rotated
refresh token is used twice, so that exactly one may ask."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection, connections

from tests.connecting import connect_by_person
from wagtail_salesforce.connection.authorize import clear, refresh_access_token
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import get_client
from wagtail_salesforce.exceptions import NotAuthorized
from wagtail_salesforce.salesforce.client import Chunk


TOKEN = "/services/oauth2/token"
KEY = "Web_Contact_ID__c"
WORKERS = 6


@pytest.fixture
def committed(transactional_db, org):
    """A connection that other threads and processes see, at an org with token rotation."""
    row = connect_by_person(org)
    org.options(rotation=True)
    org.expire_tokens()
    org.clear_calls()
    return row


def in_threads(work):
    """Run it in all workers at the same moment, each with a database connection of its own."""
    start = threading.Barrier(WORKERS)

    def begin(number):
        start.wait()
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(begin, range(WORKERS)))


def test_one_refresh_serves_all_threads(org, committed):
    tokens = in_threads(lambda number: refresh_access_token(committed.access_token))
    assert len(set(tokens)) == 1
    assert tokens[0] != committed.access_token
    assert len(org.calls(path=TOKEN)) == 1
    row = Connection.load()
    assert row.is_authorized and row.access_token == tokens[0]
    assert row.token_generation == committed.token_generation + 1
    with get_client() as client:
        assert client.userinfo()


def test_workers_with_clients_of_their_own_lose_no_lead(org, committed):
    def work(number):
        records = [
            {KEY: f"{number:016x}{n:016x}", "LastName": f"{number} {n}", "Company": "Acme"}
            for n in range(20)
        ]
        with get_client() as client:
            return client.send_batch(
                [Chunk("upsert", "Lead", KEY, records)],
                headers={"Sforce-Auto-Assign": "FALSE"},
            )

    answers = in_threads(work)
    assert all(row.success for (rows,) in answers for row in rows)
    assert len(org.leads()) == WORKERS * 20
    assert len(org.calls(path=TOKEN)) == 1


def test_after_every_round_the_authorization_lives(org, committed):
    for _round in range(5):
        old = Connection.load().access_token
        org.expire_tokens()
        org.clear_calls()
        assert len(set(in_threads(lambda number, old=old: refresh_access_token(old)))) == 1
        assert len(org.calls(path=TOKEN)) == 1


def test_when_it_is_over_nobody_asks_twice(org, committed):
    org.revoke_tokens()

    def work(number):
        with pytest.raises(NotAuthorized):
            refresh_access_token(committed.access_token)

    in_threads(work)
    assert len(org.calls(path=TOKEN)) == 1


def test_clearing_and_refreshing_at_once_leave_nothing_behind(org, committed):
    def work(number):
        if number == 0:
            return clear()
        try:
            return refresh_access_token(committed.access_token)
        except NotAuthorized:
            return None

    in_threads(work)
    row = Connection.load()
    assert (row.status, row.access_token, row.refresh_token) == ("empty", "", "")


PROCESS = textwrap.dedent(
    """
    import sys
    import django

    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = sys.argv[1]
    django.setup()

    from wagtail_salesforce.connection.authorize import refresh_access_token

    print("ready", flush=True)
    sys.stdin.readline()
    print(refresh_access_token(sys.argv[2]))
    """
)


@pytest.mark.skipif("connection.vendor == 'sqlite' and connection.is_in_memory_db()")
def test_one_refresh_serves_all_processes(org, committed):
    org.fault("delay", seconds=0.5, path=TOKEN)
    command = [sys.executable, "-c", PROCESS]
    command += [str(connection.settings_dict["NAME"]), committed.access_token]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}
    workers = [
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for _worker in range(3)
    ]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    tokens = {worker.communicate(timeout=60)[0] for worker in workers}
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert tokens == {Connection.load().access_token + "\n"}
    assert len(org.calls(path=TOKEN)) == 1
