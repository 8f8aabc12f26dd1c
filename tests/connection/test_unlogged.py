"""No secret reaches the site's log, even where it writes down everything."""

from __future__ import annotations

import logging

from tests.connecting import connect, connect_by_person
from wagtail_salesforce.connection import authorize
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.salesforce.unlogged import unlogged


def test_nothing_secret_is_logged_at_any_level(db, org, caplog):
    caplog.set_level(logging.DEBUG)
    secrets = {org.CLIENT_SECRET}
    for connect_now in (connect_by_person, connect):
        connect_now(org)
        row = Connection.load()
        secrets |= {row.access_token, row.refresh_token} - {""}
    authorize.clear()
    assert "oauth2/token" in caplog.text, "the requests themselves are in the log"
    assert len(secrets) == 4
    assert [each for each in secrets if each in caplog.text] == []
    assert "code_verifier" not in caplog.text


def test_others_who_use_the_same_library_keep_their_log(caplog):
    caplog.set_level(logging.DEBUG)
    log = logging.getLogger("requests_oauthlib.oauth2_session")
    with unlogged():
        log.debug("ours")
    log.debug("theirs")
    assert caplog.messages == ["theirs"]
