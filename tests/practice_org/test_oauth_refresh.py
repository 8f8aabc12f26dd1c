"""Refresh, rotation, revocation, expiry."""

import threading

from tests.practice_org.test_oauth_web import refused
from wagtail_salesforce.practice_org.control import USERNAME


DEAD = ("invalid_grant", "expired access/refresh token")
BUSY = ("invalid_grant", "token request is already being processed")
LIMITS = "/services/data/v66.0/limits"


def works(oauth, token):
    return oauth.with_token(LIMITS, token).status_code == 200


def test_a_refresh_gives_a_new_access_token_and_no_refresh_token(oauth):
    tokens = oauth.log_in()
    body = oauth.refresh(tokens["refresh_token"]).json()
    assert "refresh_token" not in body
    assert works(oauth, body["access_token"]) and works(oauth, tokens["access_token"])
    assert oauth.refresh(tokens["refresh_token"]).status_code == 200


def test_with_rotation_each_refresh_gives_a_new_refresh_token(org, oauth):
    org.options(rotation=True)
    first = oauth.log_in()["refresh_token"]
    second = oauth.refresh(first).json()["refresh_token"]
    assert second != first
    assert oauth.refresh(second).json()["refresh_token"] not in (first, second)


def test_reuse_of_a_rotated_token_kills_the_current_one_and_its_access_tokens(org, oauth):
    org.options(rotation=True)
    first = oauth.log_in()["refresh_token"]
    current = oauth.refresh(first).json()
    assert refused(oauth.refresh(first)) == DEAD
    assert refused(oauth.refresh(current["refresh_token"])) == DEAD
    assert not works(oauth, current["access_token"])


def test_of_two_refreshes_at_once_the_second_is_refused_and_may_try_again(org, oauth):
    org.options(rotation=True)
    token = oauth.log_in()["refresh_token"]
    org.fault("delay", count=1, seconds=0.4, path="/oauth2/token")
    answers = []
    slow = threading.Thread(target=lambda: answers.append(oauth.refresh(token)))
    slow.start()
    while org.faults_armed():
        pass
    assert refused(oauth.__class__(org).refresh(token)) == BUSY
    slow.join()
    assert answers[0].status_code == 200
    assert oauth.refresh(answers[0].json()["refresh_token"]).status_code == 200


def test_two_different_tokens_may_be_refreshed_at_once(org, oauth):
    one, two = oauth.log_in()["refresh_token"], oauth.log_in()["refresh_token"]
    org.fault("delay", count=1, seconds=0.2, path="/oauth2/token")
    answers = []
    slow = threading.Thread(target=lambda: answers.append(oauth.refresh(one)))
    slow.start()
    while org.faults_armed():
        pass
    assert oauth.__class__(org).refresh(two).status_code == 200
    slow.join()
    assert answers[0].status_code == 200


def test_a_sixth_approval_silently_revokes_the_oldest(oauth):
    approvals = [oauth.log_in() for _ in range(6)]
    assert refused(oauth.refresh(approvals[0]["refresh_token"])) == DEAD
    assert not works(oauth, approvals[0]["access_token"])
    assert oauth.refresh(approvals[1]["refresh_token"]).status_code == 200


def test_revoking_the_refresh_token_kills_its_access_tokens(org, oauth):
    tokens = oauth.log_in()
    other = oauth.log_in()
    address = f"{org.url}/services/oauth2/revoke"
    response = oauth.http.post(address, data={"token": tokens["refresh_token"]})
    assert (response.status_code, response.content) == (200, b"")
    assert not works(oauth, tokens["access_token"]) and works(oauth, other["access_token"])
    assert refused(oauth.refresh(tokens["refresh_token"])) == DEAD
    again = oauth.http.post(address, data={"token": tokens["refresh_token"]})
    assert refused(again)[0] == "invalid_token"


def test_revoking_an_access_token_leaves_the_refresh_token(org, oauth):
    tokens = oauth.log_in()
    address = f"{org.url}/services/oauth2/revoke"
    assert oauth.http.post(address, data={"token": tokens["access_token"]}).status_code == 200
    assert not works(oauth, tokens["access_token"])
    assert oauth.refresh(tokens["refresh_token"]).status_code == 200


def test_revoking_what_is_no_token(org, oauth):
    response = oauth.http.post(f"{org.url}/services/oauth2/revoke", data={"token": "hello"})
    expected = ("unsupported_token_type", "this token type is not supported")
    assert refused(response) == expected


def test_an_access_token_lives_two_hours_after_its_last_use(org, oauth):
    org.freeze_clock()
    token = oauth.log_in()["access_token"]
    org.advance(2 * 3600 - 1)
    assert works(oauth, token)
    org.advance(2 * 3600 - 1)
    assert works(oauth, token)
    org.advance(2 * 3600)
    assert not works(oauth, token)


def test_expiring_and_revoking_from_outside(org, oauth):
    tokens = oauth.log_in()
    org.expire_tokens()
    assert not works(oauth, tokens["access_token"])
    fresh = oauth.refresh(tokens["refresh_token"]).json()["access_token"]
    assert works(oauth, fresh)
    org.revoke_tokens()
    assert not works(oauth, fresh)
    assert refused(oauth.refresh(tokens["refresh_token"])) == DEAD


def test_an_idle_refresh_token_expires_when_the_policy_says_so(org, oauth):
    org.options(refresh_idle_days=30)
    token = oauth.log_in()["refresh_token"]
    org.advance(29 * 86400)
    assert oauth.refresh(token).status_code == 200
    org.advance(30 * 86400 + 1)
    assert refused(oauth.refresh(token)) == DEAD


def test_an_inactive_user_cannot_refresh(org, oauth):
    tokens = oauth.log_in()
    org.options(inactive=[USERNAME])
    assert refused(oauth.refresh(tokens["refresh_token"])) == ("invalid_grant", "inactive user")
    assert not works(oauth, tokens["access_token"])


def test_tokens_of_one_org_open_no_other(org, oauth):
    home = org.options()["org_id"]
    tokens = oauth.log_in()
    org.options(org_id="00D000000000002")
    assert not works(oauth, tokens["access_token"])
    assert refused(oauth.refresh(tokens["refresh_token"])) == DEAD
    assert "/id/00D000000000002EAA/" in oauth.log_in()["id"]
    org.options(org_id=home)
    assert works(oauth, tokens["access_token"])


def test_too_many_logins(org, oauth):
    org.fault("login_rate_limit", count=1, path="/token")
    assert refused(oauth.refresh("x"))[0] == "rate_limit_exceeded"
