"""What the mapping makes is accepted by the practice org, over HTTP.

Local refusals are the point of some contacts; whatever is sent must raise no error there.
"""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import orjson
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wagtail_salesforce.mapping.compile import compile_mapping
from wagtail_salesforce.mapping.suggest import suggest, suggest_external_id
from wagtail_salesforce.practice_org.seed import ANA
from wagtail_salesforce.salesforce.describe import ObjectDescribe

from .making import ATTRIBUTES, CONTEXT, Draft, compiled, constant, from_field, lead, map_person
from .strategies import contacts, mappings


ROOT = "/services/data/v66.0"


class Caller:
    """A bare client of the org, so that nothing between mapping and org can hide an error."""

    def __init__(self, org: Any) -> None:
        self.url = org.url
        self.session = requests.Session()
        form = {
            "grant_type": "client_credentials",
            "client_id": org.CLIENT_ID,
            "client_secret": org.CLIENT_SECRET,
        }
        answer = self.session.post(f"{org.url}/services/oauth2/token", data=form, timeout=10)
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def describe(self) -> ObjectDescribe:
        answer = self.session.get(f"{self.url}{ROOT}/sobjects/Lead/describe", timeout=10)
        return ObjectDescribe.from_json(answer.json())

    def upsert(self, external_id: str, payloads: list[dict[str, Any]]) -> Any:
        records = [
            {"attributes": {"type": "Lead"}, external_id: f"{number:032x}", **payload}
            for number, payload in enumerate(payloads)
        ]
        answer = self.session.patch(
            f"{self.url}{ROOT}/composite/sobjects/Lead/{external_id}",
            data=orjson.dumps({"allOrNone": False, "records": records}),
            headers={"Content-Type": "application/json", "Sforce-Auto-Assign": "FALSE"},
            timeout=30,
        )
        return answer.json()


@pytest.fixture(scope="module")
def caller(practice_org_server):
    practice_org_server.reset()
    practice_org_server.set_allowance(max=1_000_000)
    with_session = Caller(practice_org_server)
    yield with_session
    with_session.session.close()


def test_the_org_describes_what_the_tests_assume(caller):
    assert caller.describe() == lead()


def assert_accepted(caller, payloads):
    results = caller.upsert("Web_Contact_ID__c", payloads)
    assert len(results) == len(payloads), results
    assert [row for row in results if not row["success"]] == []


@given(
    fields=mappings(email_only_from_email=True),
    people=st.lists(contacts(spoilt=False), min_size=1, max_size=8),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_mapped_is_accepted(caller, fields, people):
    mapping = compile_mapping(Draft(fields), lead(), CONTEXT, ATTRIBUTES)
    payloads = []
    for contact in people:
        row = tuple(contact[column] for column in mapping.columns)
        payload, refusals, _shortened = mapping.map(row, None)
        if not refusals:
            payloads.append(payload)
    if payloads:
        assert_accepted(caller, payloads)


def test_the_suggested_mapping_fills_a_lead(caller, practice_org_server):
    describe = caller.describe()
    draft = Draft(suggest(describe, ATTRIBUTES), suggest_external_id(describe))
    mapping = compile_mapping(draft, describe, CONTEXT, ATTRIBUTES)
    payload, refusals, _shortened = map_person(
        mapping,
        last_name="Grażyna",
        email="l@example.org",
        notes="x",
        country="PL",
        street="1\r\n2",
        attributes={"licences": 3000, "renewal": "2026-12-31"},
    )
    assert refusals == ()
    assert_accepted(caller, [payload])
    (sent,) = [each for each in practice_org_server.leads() if each["LastName"] == "Grażyna"]
    assert (sent["Email"], sent["Company"], sent["Country"]) == (
        "l@example.org",
        "Unknown",
        "Poland",
    )
    assert sent["Licences__c"] == 3000
    assert sent["Description"] == "Grażyna"
    assert sent["LeadSource"] == "Web"


def test_the_edges_of_every_type_are_accepted(caller):
    mapping = compiled(
        FirstName=from_field("first_name"),
        Description=from_field("notes"),
        Renewal_Date__c=from_field("birthday"),
        Last_Visit__c=from_field("created_at"),
        NumberOfEmployees=constant(99_999_999),
        AnnualRevenue=constant("999999999999999999"),
        Latitude=constant("-999.999999999999"),
        Newsletter__c=constant(True),
        Products__c=constant("Server;Desktop;Cloud;Support"),
        Topics__c=constant(";".join(f"t{number}" for number in range(100))),
        OwnerId=constant(ANA[:15]),
    )
    payload, refusals, _shortened = map_person(
        mapping,
        last_name="😀" * 41,
        first_name="x" * 39 + "😀",
        notes="\r\n😀" * 20_000,
        birthday=date(1700, 1, 1),
        created_at=datetime(3999, 12, 31, tzinfo=timezone.utc),
    )
    assert refusals == ()
    assert_accepted(caller, [payload])
