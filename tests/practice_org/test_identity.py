"""Userinfo and the identity URL."""

import pytest

from wagtail_salesforce.practice_org.control import USERNAME


USERINFO = "/services/oauth2/userinfo"


def test_userinfo_says_who_it_is(org, oauth):
    tokens = oauth.log_in()
    user = oauth.with_token(USERINFO, tokens["access_token"]).json()
    assert user["sub"] == tokens["id"]
    assert user["organization_id"] == org.options()["org_id"]
    assert (user["name"], user["preferred_username"]) == ("Ana Lead", USERNAME)
    assert user["urls"]["rest"] == f"{org.url}/services/data/v{{version}}/"
    assert user["urls"]["custom_domain"] == org.url
    assert user["active"] is True and user["is_app_installed"] is True
    assert not {"org_name", "organization_name"} & set(user)


def test_the_identity_url(org, oauth):
    tokens = oauth.log_in()
    path = tokens["id"].removeprefix(org.url)
    plain = oauth.with_token(path, tokens["access_token"]).json()
    assert plain["id"] == tokens["id"] and plain["username"] == USERNAME
    assert (plain["first_name"], plain["last_name"]) == ("Ana", "Lead")
    assert "{version}" in plain["urls"]["rest"]
    latest = oauth.with_token(f"{path}?version=latest", tokens["access_token"]).json()
    assert latest["urls"]["rest"] == f"{org.url}/services/data/v68.0/"


@pytest.mark.parametrize("path", [USERINFO, "/id/00DPr0000000001MAA/005Pr0000000001IAA"])
def test_a_bad_or_missing_token_is_told_in_plain_text(oauth, path):
    for token, text in (("00Dwrong!x", "Bad_OAuth_Token"), (None, "Missing_OAuth_Token")):
        response = oauth.with_token(path, token)
        assert (response.status_code, response.text) == (403, text)
        assert response.headers["Content-Type"].startswith("text/plain")


def test_the_identity_of_somebody_else(org, oauth):
    token = oauth.log_in()["access_token"]
    org_id = org.options()["org_id"]
    assert oauth.with_token(f"/id/{org_id}/005Pr0000000002", token).text == "Bad_Id"
    assert oauth.with_token("/id/00D000000000009/005Pr0000000001", token).text == "Wrong_Org"


def test_userinfo_is_no_api_call(org, oauth):
    token = oauth.log_in()["access_token"]
    oauth.with_token(USERINFO, token)
    assert org.calls(counted=True) == []
    assert org.set_allowance()["used"] == 0
