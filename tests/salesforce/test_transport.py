"""The session under everything: hosts, TLS, redirects, time-outs, cookies, proxies."""

from __future__ import annotations

import socket

import pytest

from tests.salesforce.scripted import Reply, scripted
from wagtail_salesforce.exceptions import (
    AuthorizationFailed,
    RequestRefused,
    Stopped,
    Transient,
)
from wagtail_salesforce.practice_org.control import PracticeOrg
from wagtail_salesforce.salesforce.client import SalesforceClient
from wagtail_salesforce.salesforce.hosts import HostRules
from wagtail_salesforce.salesforce.transport import GuardedSession


VERSIONS = Reply([{"version": "66.0"}])


def test_plain_http_is_refused_without_the_setting():
    for url in ("http://127.0.0.1:9", "http://acme.my.salesforce.com"):
        with pytest.raises(AuthorizationFailed) as refusal:
            SalesforceClient(instance_url=url, access_token="t", api_version="66.0")
        assert refusal.value.code == "host_not_allowed"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(make_client, status):
    with scripted(VERSIONS) as other:
        there = Reply(status=status, headers={"Location": f"{other.url}/services/data/v66.0/x"})
        with scripted(there) as server, pytest.raises(RequestRefused) as refusal:
            make_client(server.url, token="secret").limits()
        assert other.requests == []
    assert refusal.value.code == f"HTTP_{status}"
    assert len(server.requests) == 1


def test_an_address_in_an_answer_cannot_lead_elsewhere(make_client):
    with scripted(VERSIONS) as other:
        for url in (
            f"{other.url}/services/data/v66.0/query/1",
            "//evil.example/services/data/v66.0/query/1",
            "/services/oauth2/revoke",
            "@evil.example/services/data/v66.0/query/1",
        ):
            page = {"records": [{}], "done": False, "nextRecordsUrl": url}
            with scripted(Reply(page)) as server, pytest.raises(Stopped) as stop:
                list(make_client(server.url).query("SELECT Id FROM Lead"))
            assert stop.value.code == "host_not_allowed"
            assert len(server.requests) == 1
        assert other.requests == []


def test_an_org_session_speaks_to_permitted_hosts_only(make_client):
    with scripted(VERSIONS) as server:
        client = make_client(server.url, token="secret")
        session = client.simple_salesforce.session
        with pytest.raises(AuthorizationFailed):
            session.get("https://evil.example/services/data/v66.0/")
        with pytest.raises(AuthorizationFailed):
            session.get(f"{server.url}@evil.example/")


def test_cookies_are_not_kept_and_a_netrc_file_does_not_replace_the_token(
    make_client, tmp_path, monkeypatch
):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    cookie = Reply({"a": 1}, headers={"Set-Cookie": "BrowserId=abc; Path=/"})
    with scripted(cookie) as server:
        client = make_client(server.url, token="secret")
        client._session.trust_env = True
        client.limits()
        client.limits()
    for _method, _path, headers, _body in server.requests:
        assert "Cookie" not in headers
        assert headers["Authorization"] == "Bearer secret"


def test_a_proxy_of_the_environment_is_not_asked_for_loopback(make_client, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with scripted(Reply({"a": 1})) as server:
        assert make_client(server.url).limits() == {"a": 1}


def test_every_request_has_a_time_out(monkeypatch):
    seen = {}

    def send(self, request, **kwargs):
        seen.update(kwargs)

    monkeypatch.setattr("requests.Session.send", send)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/other.pem")
    session = GuardedSession(HostRules(), "https://login.salesforce.com", ca_bundle="/ca.pem")
    session.get("https://login.salesforce.com/x")
    assert seen["timeout"] == (10.0, 120.0)
    assert (seen["allow_redirects"], seen["verify"]) == (False, "/ca.pem")
    session.get("https://login.salesforce.com/x", timeout=5, allow_redirects=True, verify=False)
    assert (seen["timeout"], seen["allow_redirects"], seen["verify"]) == (5, False, "/ca.pem")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    plain = GuardedSession(HostRules(), "https://login.salesforce.com")
    plain.get("https://login.salesforce.com/x", verify=False)
    assert seen["verify"] is True


def test_a_hanging_org_is_given_up(make_client, org):
    org.fault("delay", seconds=5, path="limits")
    client = make_client(org.url, org.client_credentials_token()["access_token"], tries=1)
    client._session._timeout = (1, 0.2)
    with pytest.raises(Transient, match="in time") as trouble:
        client.limits()
    assert not trouble.value.untouched


def test_an_org_that_is_down_is_told(make_client):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Transient, match="could not be reached") as trouble:
            make_client(url).limits()
    assert (trouble.value.untouched, trouble.value.code) == (True, "org_unavailable")


def test_a_connection_dropped_in_the_middle_is_told(make_client):
    with scripted(Reply(None)) as server, pytest.raises(Transient, match="was lost") as trouble:
        make_client(server.url).limits()
    assert not trouble.value.untouched
    assert len(server.requests) == 4


def test_an_error_message_holds_neither_token_nor_address(make_client):
    with scripted(Reply(None)) as server, pytest.raises(Transient) as trouble:
        make_client(server.url, token="secret").limits()
    assert trouble.value.__cause__ is None
    assert "secret" not in repr(trouble.value) and "127.0.0.1" not in repr(trouble.value)


def test_retry_after_is_kept(make_client):
    waits = []
    later = Reply("busy", 503, {"Retry-After": "3"})
    with scripted(later, Reply({"a": 1})) as server:
        assert make_client(server.url, sleep=waits.append).limits() == {"a": 1}
    assert waits == [3]


@pytest.fixture(scope="module")
def tls_org():
    with PracticeOrg.start(tls=True) as org:
        yield org


def test_tls_with_our_own_certificates(tls_org, make_client, monkeypatch):
    token = tls_org.client_credentials_token()["access_token"]
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    client = make_client(tls_org.url, token, ca_bundle=tls_org.ca_file)
    assert client.describe("Lead").name == "Lead"


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_org, make_client):
    with pytest.raises(Stopped) as stop:
        make_client(tls_org.url).limits()
    assert stop.value.code == "certificate_refused"
    assert "CA_BUNDLE" in stop.value.cure


def test_tls_is_not_left_out_when_the_org_has_it(tls_org, make_client):
    """Plain http against a TLS port is no way in."""
    with pytest.raises(Transient):
        make_client(tls_org.url.replace("https", "http")).limits()
