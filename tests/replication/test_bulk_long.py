"""Texts longer than a cell of a Bulk job may be."""

from __future__ import annotations

import pytest

from tests.ready import make_contacts, ready, run
from tests.replication.bulk_help import COMPOSITE, states
from wagtail_salesforce.connection.session import get_client
from wagtail_salesforce.exceptions import RequestRefused
from wagtail_salesforce.replication.extensions import (
    register_payload_hook,
    unregister_payload_hook,
)
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.salesforce.bulk import MOST_IN_CELL


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("naps")]


@pytest.mark.parametrize(("length", "by_composite"), [(MOST_IN_CELL, 0), (MOST_IN_CELL + 1, 1)])
def test_who_has_such_a_text_is_suspended_and_nobody_else(org, length, by_composite):
    ready(org)
    contacts = make_contacts(8)

    @register_payload_hook
    def lengthen(leads):
        for lead in leads:
            long = lead.contact_id == contacts[0].pk
            lead.payload["Description"] = "x" * length if long else "x"

    try:
        result = run()
    finally:
        unregister_payload_hook(lengthen)
    assert (result.state, result.counts) == ("finished", {"created": 7, "suspended": 1})
    link = LeadLink.objects.get(state="suspended")
    assert (link.contact_id, link.last_error_code) == (contacts[0].pk, "STRING_TOO_LONG")
    assert "Description" in link.last_error_message
    assert "xxx" not in link.last_error_message
    assert [call["rows"] for call in org.calls(path=COMPOSITE)] == [1] * by_composite
    assert states() == ["done"]


def test_the_client_says_which_record_has_one(org):
    ready(org)
    record = {"LastName": "Long", "Company": "Acme", "Description": "x" * (MOST_IN_CELL + 1)}
    with get_client() as client, pytest.raises(RequestRefused) as caught:
        client.insert("Lead", [record], transport="bulk")
    assert caught.value.code == "UNENCODABLE_VALUE"
    assert "Record 1: Description:" in caught.value.message
    assert "130,000" in caught.value.message
    assert org.calls(counted=True) == []
