"""The controls, the process, and what outlives a restart."""

import json
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import jwt
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.core.management import CommandError, call_command

from tests.practice_org.api import CALLBACK, KEY, Api, OAuth, error, lead, row_error
from wagtail_salesforce.practice_org import server
from wagtail_salesforce.practice_org.control import PracticeOrg, PracticeOrgError


def test_the_clock_moves_stands_and_runs_on(org, api):
    moment = datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    org.set_clock(moment)
    assert timedelta(0) <= org.now() - moment < timedelta(seconds=30)
    assert org.freeze_clock() == org.now()
    before = org.now()
    assert org.advance(3600) - before == timedelta(hours=1)
    org.freeze_clock(False)
    assert api.http.get(f"{org.url}/services/data").status_code == 200
    org.reset()
    assert abs(org.now() - datetime.now(timezone.utc)) < timedelta(seconds=30)


def test_reset_forgets_everything_but_the_callbacks_of_the_start(org, api, practice_org_server):
    api.upsert(lead("a"))
    org.add_field("Lead", name="Extra__c", type="string")
    org.options(rotation=True, org_name="Other")
    org.fault("server_error")
    org.set_allowance(max=5, used=5)
    org.reset()
    options = org.options()
    assert options["rotation"] is False and options["org_name"] == "Practice Org Ltd"
    assert options["callbacks"] != [CALLBACK] and len(options["callbacks"]) == 1
    assert org.leads(include_deleted=True) == [] and org.calls() == []
    assert org.faults_armed() == 0 and org.set_allowance() == {"max": 15000, "used": 0}
    assert api.get("/limits").status_code == 401
    assert "Extra__c" not in Api(org).get("/sobjects/Lead/describe").text


def test_another_org_has_other_leads_and_never_the_same_ids(org, api):
    home = org.options()["org_id"]
    [first] = api.upsert(lead("a"))
    org.options(org_id="00D000000000002", org_name="Elsewhere")
    assert org.leads() == []
    there = Api(org)
    [second] = there.upsert(lead("a"))
    assert second["created"] and second["id"] != first["id"]
    [found] = there.query("SELECT Id, Name FROM Organization").json()["records"]
    assert (found["Id"], found["Name"]) == ("00D000000000002EAA", "Elsewhere")
    org.options(org_id=home)
    assert [each["Id"] for each in org.leads()] == [first["id"]]


@pytest.mark.parametrize(
    "changes",
    [
        {"colour": "red"},
        {"rotation": "yes"},
        {"org_id": "00Q000000000001"},
        {"org_id": 5},
        {"refresh_idle_days": True},
        {"callbacks": "http://x"},
        {"duplicate_rule": {"action": "block"}},
        {"assignment_rule": {"id": "01Q000000000001"}},
    ],
)
def test_unknown_and_wrong_options_are_refused(org, changes):
    before = org.options()
    with pytest.raises(PracticeOrgError):
        org.options(**changes)
    assert org.options() == before


def test_fields_are_added_altered_and_removed(org, api):
    org.add_field("Lead", name="Region__c", type="picklist", picklist=["N", "S"], restricted=True)
    [bad, good] = api.upsert(lead("a", Region__c="W"), lead("b", Region__c="n"))
    assert row_error(bad)["message"] == "Region: bad value for restricted picklist field: W"
    assert api.read(good["id"])["Region__c"] == "N"
    org.add_field("Lead", name="Region__c", restricted=False, label="Area")
    assert api.upsert(lead("a", Region__c="W"))[0]["success"]
    org.add_field("Lead", name="Region__c", type="string", length=3)
    problem = row_error(api.upsert(lead("a", Region__c="West"))[0])
    assert problem["message"] == "Area: data value too large: West (max length=3)"
    org.remove_field("Lead", "Region__c")
    assert row_error(api.upsert(lead("a", Region__c="W"))[0])["statusCode"] == "INVALID_FIELD"
    assert "Region__c" not in org.leads()[0]


def test_the_log_of_calls_can_be_cleared(org, api):
    api.get("/limits")
    assert [call["path"] for call in org.calls(path="/limits")] == ["/services/data/v66.0/limits"]
    org.clear_calls()
    assert org.calls() == [] and org.set_allowance()["used"] == 1


def test_picklists_are_given_as_describe_prints_them(org, api):
    entries = [
        {"value": "N", "label": "North", "active": True, "defaultValue": True, "validFor": None},
        {"value": "S", "active": False},
    ]
    org.add_field("Lead", name="Region__c", type="picklist", picklistValues=entries)
    fields = api.get("/sobjects/Lead/describe").json()["fields"]
    [field] = [each for each in fields if each["name"] == "Region__c"]
    shown = [(each["label"], each["active"]) for each in field["picklistValues"]]
    assert shown == [("North", True), ("S", False)]


def test_describes_own_spelling_of_attributes_is_understood(org, api):
    org.add_field(
        "lead",
        name="Old_Id__c",
        type="string",
        length=10,
        externalId=True,
        unique=True,
        caseSensitive=True,
    )
    rows = [
        {"attributes": {"type": "Lead"}, "Old_Id__c": key, "LastName": "x", "Company": "y"}
        for key in ("a", "A")
    ]
    answer = api.patch("/composite/sobjects/Lead/Old_Id__c", {"records": rows}).json()
    assert all(row["created"] for row in answer)


def test_a_reference_to_a_record_type_can_be_added(org, api):
    org.add_field("Lead", name="RecordTypeId", type="reference", referenceTo=["RecordType"])
    [good, bad] = api.upsert(
        lead("a", RecordTypeId="012Pr0000000001"), lead("b", RecordTypeId="012000000000099")
    )
    assert good["success"] and row_error(bad)["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("Lead", {"name": "X__c", "type": "colour"}),
        ("Lead", {"name": "X__c", "smell": "rose"}),
        ("Lead", {"type": "string"}),
        ("Nothing", {"name": "X__c", "type": "string"}),
    ],
)
def test_wrong_fields_are_refused(org, name, attributes):
    with pytest.raises(PracticeOrgError):
        org.add_field(name, **attributes)


def test_removing_what_is_not_there(org):
    with pytest.raises(PracticeOrgError, match="NOT_FOUND"):
        org.remove_field("Lead", "Nothing__c")


def test_a_required_custom_field(org, api):
    org.add_field("Lead", name="Budget__c", nillable=False)
    problem = row_error(api.upsert(lead("a"))[0])
    assert problem["message"] == "Required fields are missing: [Budget__c]"
    assert api.upsert(lead("a", Budget__c=1))[0]["success"]


def test_controls_answer_this_machine_and_this_origin_only(org):
    address = f"{org.url}/practice/control/leads"
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        response = requests.get(address, headers=headers, timeout=5)
        assert response.status_code == 403, headers
    assert requests.get(address, headers={"Origin": org.url}, timeout=5).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "nothing", None),
        ("POST", "clock", b"not json"),
        ("POST", "clock", b"[]"),
        ("POST", "clock", b'{"set": "tomorrow"}'),
        ("POST", "leads/x/explode", b"{}"),
        ("POST", "leads/x", b"{}"),
    ],
)
def test_bad_control_requests_are_told_so(org, method, path, body):
    response = requests.request(method, f"{org.url}/practice/control/{path}", data=body, timeout=5)
    assert response.status_code in (400, 404) and error(response)["message"]


def test_a_restart_forgets_nothing(tmp_path):
    state = str(tmp_path / "org.sqlite3")
    with PracticeOrg.start(callbacks=[CALLBACK], state=state) as first:
        tokens = OAuth(first).log_in()
        api = Api(first)
        api.upsert(lead("a", Title="Dr"), lead("b"))
        first.delete(first.leads()[1]["Id"])
        first.add_field("Lead", name="Extra__c", type="string", length=5)
        first.options(rotation=True, org_name="Kept Ltd")
        first.set_allowance(max=50, used=7)
        first.advance(86400)
        moment, calls = first.now(), len(first.calls())
    with PracticeOrg.start(state=state) as second:
        assert len(second.calls()) == calls
        assert second.options()["org_name"] == "Kept Ltd"
        assert second.options()["callbacks"] == [CALLBACK]
        assert second.now() >= moment
        kept = second.leads(include_deleted=True)
        assert [(each[KEY], each["Title"], each["IsDeleted"]) for each in kept] == [
            ("a", "Dr", False),
            ("b", None, True),
        ]
        refreshed = OAuth(second).refresh(tokens["refresh_token"])
        assert refreshed.status_code == 200 and "refresh_token" in refreshed.json()
        again = Api(second)
        [row] = again.upsert(lead("A", Extra__c="12345"))
        assert row["created"] is False and row["id"] == kept[0]["Id"]
        assert again.create() not in {each["Id"] for each in kept}
        assert second.set_allowance()["max"] == 50


def certificate(key):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "The site")])
    now = datetime.now(timezone.utc)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def test_tls_and_jwt_with_certificates(tmp_path):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    site = tmp_path / "site.pem"
    site.write_bytes(certificate(key))
    with PracticeOrg.start(tls=True, jwt_certificate=str(site)) as org:
        claims = {"iss": org.CLIENT_ID, "sub": org.USERNAME, "aud": org.url}
        claims["exp"] = int(org.now().timestamp()) + 60
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": jwt.encode(claims, key, algorithm="RS256"),
        }
        address = f"{org.url}/services/oauth2/token"
        assert requests.post(address, data=form, verify=org.ca_file, timeout=5).status_code == 200
        assert org.url.startswith("https://127.0.0.1:")
        token = org.client_credentials_token()
        assert token["instance_url"] == org.url
        response = requests.get(f"{org.url}/services/data", verify=org.ca_file, timeout=5)
        assert response.status_code == 200
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{org.url}/services/data", timeout=5)


def test_the_module_prints_one_line_and_ends_with_its_starter():
    process = subprocess.Popen(
        [sys.executable, "-m", "wagtail_salesforce.practice_org", "--port", "0",
         "--state", ":memory:", "--watch-stdin"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    line = process.stdout.readline()
    assert line.startswith("Practice org ready at http://127.0.0.1:")
    output, errors = process.communicate(timeout=10)
    assert (process.returncode, output, errors) == (0, "", "")


def test_the_management_command_starts_the_same_org(monkeypatch):
    given = []
    monkeypatch.setattr(server, "run", given.append)
    call_command("salesforce_practice_org", "--port", "0", "--callback", CALLBACK)
    [options] = given
    assert (options.port, options.callback, options.tls) == (0, [CALLBACK], False)
    assert options.state == "practice_org.sqlite3"


def test_the_management_command_says_what_is_missing(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "wagtail_salesforce.practice_org.server", None)
    monkeypatch.delattr("wagtail_salesforce.practice_org.server")
    with pytest.raises(SystemExit) as stopped:
        call_command("salesforce_practice_org", "--port", "0")
    assert stopped.value.code == 1
    assert "pip install 'wagtail-salesforce[practice-org]'" in capsys.readouterr().err


def test_the_management_command_tells_of_a_port_in_use(org):
    with pytest.raises(CommandError, match="is taken"):
        call_command("salesforce_practice_org", "--port", org.url.rpartition(":")[2])


def test_a_port_in_use_is_told(org):
    port = org.url.rpartition(":")[2]
    with pytest.raises(PracticeOrgError, match="did not start"):
        PracticeOrg.start(port=int(port))


def test_it_stands_alone():
    code = (
        "import sys, wagtail_salesforce.practice_org.app, wagtail_salesforce.practice_org.server\n"
        "roots = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(roots & {'django', 'wagtail', 'simple_salesforce', 'requests'}))\n"
        "print([n for n in sys.modules if n.startswith('wagtail_salesforce.')"
        " and 'practice_org' not in n])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "[]"]


def test_the_log_keeps_no_secret(org, api, oauth):
    tokens = oauth.log_in()
    oauth.with_token("/services/oauth2/userinfo", tokens["access_token"])
    text = json.dumps(org.calls())
    for secret in (tokens["access_token"], tokens["refresh_token"], "practice-consumer-secret"):
        assert secret not in text


def test_access_tokens_may_look_like_jwt(org, oauth):
    org.options(jwt_access_tokens=True)
    tokens = oauth.log_in()
    assert len(tokens["access_token"].split(".")) == 3
    assert org.options()["org_id"][:15] not in tokens["access_token"]
    assert oauth.with_token("/services/data/v66.0/limits", tokens["access_token"]).ok
    refreshed = oauth.refresh(tokens["refresh_token"]).json()["access_token"]
    assert len(refreshed.split(".")) == 3


def test_the_usage_of_the_app_may_follow_that_of_the_org(org, api):
    org.options(per_app_usage="17/250(appName=site)")
    header = api.get("/limits").headers["Sforce-Limit-Info"]
    assert header == "api-usage=1/15000; per-app-api-usage=17/250(appName=site)"


def test_json_is_indented_on_request(api):
    plain = api.get("/limits").text
    pretty = api.get("/limits", headers={"X-PrettyPrint": "1"}).text
    assert "\n" not in plain and "\n  " in pretty
