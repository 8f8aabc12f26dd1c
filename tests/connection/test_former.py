"""Authorizing again: the former refresh token does not live on at Salesforce."""

from __future__ import annotations

import pytest
from django.db import transaction

from tests.connecting import connect, connect_by_person
from wagtail_salesforce.connection.authorize import refresh_access_token
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import get_client
from wagtail_salesforce.exceptions import NotAuthorized


pytestmark = pytest.mark.django_db(transaction=True)

REVOKE = "/services/oauth2/revoke"


def revoked(org):
    return len(org.calls(path=REVOKE))


def works():
    with get_client() as client:
        return bool(client.describe("Lead"))


def test_the_former_token_is_dead_and_the_new_one_works(org, connected):
    connect_by_person(org)
    new = Connection.load()
    assert new.refresh_token != connected.refresh_token
    assert revoked(org) == 1 and works()
    connected.save()  # Somebody has kept the former one.
    with pytest.raises(NotAuthorized):
        refresh_access_token(connected.access_token)


def test_another_way_to_authorize_needs_no_refresh_token(org, connected):
    connect(org)
    assert Connection.load().refresh_token == ""
    assert revoked(org) == 1 and works()


@pytest.mark.parametrize("kind", ["unavailable_html", "drop_before"])
def test_what_cannot_be_revoked_does_not_fail_the_authorization(org, connected, kind, caplog):
    org.fault(kind, path=REVOKE)
    connect_by_person(org)
    assert Connection.load().refresh_token != connected.refresh_token and works()
    assert "Revoking the authorization failed" in caplog.text
    assert connected.refresh_token not in caplog.text


def test_the_token_of_another_organization_is_left_alone(org, connected):
    org.options(org_id="00DPr0000000077MAA")
    connect_by_person(org)
    assert revoked(org) == 0


def test_the_token_that_the_original_of_a_copy_lives_by_is_left_alone(org, connected, settings):
    settings.WAGTAILADMIN_BASE_URL = "https://staging.example.org"
    connect_by_person(org)
    assert revoked(org) == 0 and works()


def test_a_token_that_cannot_be_read_is_left_alone(org, connected, settings):
    settings.SECRET_KEY = "another"
    connect_by_person(org)
    assert revoked(org) == 0 and works()


def test_nothing_is_revoked_when_the_new_token_is_not_kept(org, connected):
    with pytest.raises(RuntimeError), transaction.atomic():
        connect_by_person(org)
        raise RuntimeError
    assert revoked(org) == 0 and works()
