"""The web server flow: a person logs in and allows, the app exchanges the code."""

import base64
import hashlib
import hmac
import re

import pytest

from tests.practice_org.api import CALLBACK, answer_of, challenge
from wagtail_salesforce.practice_org.control import (
    CLIENT_ID,
    CLIENT_SECRET,
    USERNAME,
    PracticeOrgError,
)


def refused(response):
    assert response.status_code == 400
    assert response.headers["Content-Type"].startswith("application/json")
    body = response.json()
    return body["error"], body["error_description"]


def test_allowing_leads_back_with_a_code_and_the_state(org, oauth):
    location = org.authorize(oauth.authorize_url())
    assert location.startswith(CALLBACK)
    answer = answer_of(location)
    assert answer["code"].startswith("aPrx") and answer["state"] == "abc/="


def test_the_token_answer_has_the_documented_form(org, oauth):
    body = oauth.exchange(oauth.code()).json()
    assert set(body) == {
        "access_token", "refresh_token", "signature", "scope", "instance_url", "id",
        "token_type", "issued_at",
    }  # fmt: skip
    assert "expires_in" not in body
    assert body["token_type"] == "Bearer" and body["instance_url"] == org.url
    assert isinstance(body["issued_at"], str) and len(body["issued_at"]) == 13
    assert body["access_token"].partition("!")[0] == org.options()["org_id"][:15]
    assert body["id"].startswith(f"{org.url}/id/{org.options()['org_id']}/005")
    digest = hmac.new(
        CLIENT_SECRET.encode(), (body["id"] + body["issued_at"]).encode(), hashlib.sha256
    ).digest()
    assert body["signature"] == base64.b64encode(digest).decode()


def test_no_refresh_token_without_its_scope(oauth):
    body = oauth.exchange(oauth.code(scope="api id")).json()
    assert "refresh_token" not in body and body["scope"] == "api id"


def test_offline_access_is_another_name_of_refresh_token(oauth):
    assert "refresh_token" in oauth.exchange(oauth.code(scope="api offline_access")).json()


def test_denying_is_told_to_the_app(org, oauth):
    answer = answer_of(org.authorize(oauth.authorize_url(), allow=False))
    assert answer == {
        "error": "access_denied",
        "error_description": "end-user denied authorization",
        "state": "abc/=",
    }


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"code_challenge": None}, "invalid_request", "missing required code challenge"),
        ({"code_challenge": "short"}, "invalid_request", "invalid code challenge"),
        ({"code_challenge_method": "plain"}, "invalid_request", "invalid code challenge"),
        ({"response_type": "token"}, "unsupported_response_type", "response type not supported"),
        ({"scope": "api everything"}, "invalid_scope", "the requested scope is not allowed"),
        ({"immediate": "true"}, "immediate_unsuccessful", "immediate_unsuccessful"),
    ],
)
def test_errors_that_the_app_is_told(org, oauth, changes, code, text):
    answer = answer_of(org.authorize(oauth.authorize_url(**changes)))
    assert (answer["error"], answer["error_description"]) == (code, text)
    assert answer["state"] == "abc/="


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"client_id": "someone"}, "client identifier invalid"),
        ({"redirect_uri": CALLBACK + "x"}, "redirect_uri must match configuration"),
        ({"redirect_uri": CALLBACK.rstrip("/")}, "redirect_uri must match configuration"),
        ({"redirect_uri": None}, "redirect_uri must match configuration"),
    ],
)
def test_an_untrusted_app_or_callback_is_never_redirected_to(oauth, changes, text):
    response = oauth.http.get(oauth.authorize_url(**changes), allow_redirects=False)
    assert response.status_code == 400 and "Location" not in response.headers
    assert text in response.text


def test_pkce_can_be_switched_off(org, oauth):
    org.options(pkce_required=False)
    code = oauth.code(code_challenge=None, code_challenge_method=None)
    assert "access_token" in oauth.exchange(code, code_verifier="").json()


def test_the_verifier_must_fit(oauth):
    wrong = refused(oauth.exchange(oauth.code(), code_verifier="w" * 64))
    assert wrong == ("invalid_grant", "invalid code verifier")
    assert challenge() != challenge("w" * 64)


def test_a_code_works_once(oauth):
    code = oauth.code()
    assert oauth.exchange(code).status_code == 200
    assert refused(oauth.exchange(code)) == ("invalid_grant", "expired authorization code")


def test_a_failed_exchange_uses_the_code_up(oauth):
    code = oauth.code()
    oauth.exchange(code, code_verifier="w" * 64)
    assert refused(oauth.exchange(code)) == ("invalid_grant", "expired authorization code")


def test_a_code_lives_fifteen_minutes(org, oauth):
    org.freeze_clock()
    early, late = oauth.code(), oauth.code()
    org.advance(15 * 60 - 1)
    assert oauth.exchange(early).status_code == 200
    org.advance(1)
    assert refused(oauth.exchange(late)) == ("invalid_grant", "expired authorization code")


def test_the_callback_of_the_exchange_must_be_the_same(org, oauth):
    org.options(callbacks=[CALLBACK, "http://127.0.0.1:9/other/"])
    answer = refused(oauth.exchange(oauth.code(), redirect_uri="http://127.0.0.1:9/other/"))
    assert answer == ("redirect_uri_mismatch", "redirect_uri must match configuration")


def test_the_app_must_be_known_and_its_secret_right(oauth):
    answer = refused(oauth.exchange(oauth.code(), client_id="someone"))
    assert answer == ("invalid_client_id", "client identifier invalid")
    answer = refused(oauth.exchange(oauth.code(), client_secret="guess"))
    assert answer == ("invalid_client", "invalid client credentials")


def test_the_app_must_be_installed(org, oauth):
    code = oauth.code()
    org.options(app_installed=False)
    assert refused(oauth.exchange(code)) == ("invalid_client", "app must be installed into org")


def test_an_unknown_grant_type(oauth):
    assert refused(oauth.token("password")) == (
        "unsupported_grant_type",
        "grant type not supported",
    )


def test_an_inactive_user_cannot_log_in(org, oauth):
    org.options(inactive=[USERNAME])
    with pytest.raises(PracticeOrgError, match="Check your user name and password"):
        oauth.code()


def test_a_user_who_left_meanwhile_gets_no_token(org, oauth):
    code = oauth.code()
    org.options(inactive=[USERNAME])
    assert refused(oauth.exchange(code)) == ("invalid_grant", "inactive user")


def test_a_user_who_leaves_while_being_asked(org, oauth):
    page = oauth.http.get(oauth.authorize_url()).text
    key = re.search(r'name="request" value="([^"]+)"', page)[1]
    origin = {"Origin": org.url}
    person = {"request": key, "username": USERNAME, "password": "practice"}
    oauth.http.post(f"{org.url}/practice/login", data=person, headers=origin)
    org.options(inactive=[USERNAME])
    form = {"request": key, "decision": "allow"}
    response = oauth.http.post(
        f"{org.url}/practice/consent", data=form, headers=origin, allow_redirects=False
    )
    assert answer_of(response.headers["Location"])["error"] == "inactive_user"


def test_the_login_forms_belong_to_one_request_for_authorization(org, oauth):
    form = {"request": "guessed", "username": USERNAME, "password": "practice"}
    origin = {"Origin": org.url}
    response = oauth.http.post(f"{org.url}/practice/login", data=form, headers=origin)
    assert response.status_code == 400 and "expired" in response.text
    form = {"request": "guessed", "decision": "allow"}
    response = oauth.http.post(f"{org.url}/practice/consent", data=form, headers=origin)
    assert response.status_code == 400


def test_the_page_shows_what_was_typed_only_escaped(org, oauth):
    page = oauth.http.get(oauth.authorize_url(login_hint='"><script>alert(1)</script>'))
    assert "<script>" not in page.text and "&lt;script&gt;" in page.text
    assert CLIENT_ID not in page.text
