"""Flows without a person: client credentials and JWT bearer."""

import base64

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.practice_org.test_oauth_web import refused
from wagtail_salesforce.practice_org.control import CLIENT_ID, CLIENT_SECRET, USERNAME


JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
INVALID = ("invalid_grant", "invalid assertion")


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def certified(org, key):
    """The org knows the public key."""
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    org.options(jwt_public_key=public.decode())
    return org


def assertion(org, key, algorithm="RS256", **claims):
    now = org.now().timestamp()
    good = {
        "iss": CLIENT_ID,
        "sub": USERNAME,
        "aud": "https://login.salesforce.com",
        "exp": int(now + 120),
    }
    return jwt.encode({**good, **claims}, key, algorithm=algorithm)


def test_client_credentials_act_as_the_run_as_user(oauth):
    body = oauth.token("client_credentials").json()
    assert "refresh_token" not in body
    user = oauth.with_token("/services/oauth2/userinfo", body["access_token"]).json()
    assert user["preferred_username"] == "integration@practice.example"


def test_client_credentials_may_come_as_basic_authorization(org, oauth):
    basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    response = oauth.http.post(
        f"{org.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {basic}"},
    )
    assert response.status_code == 200


def test_client_credentials_need_a_run_as_user_who_is_active(org, oauth):
    org.options(client_credentials_user=None)
    expected = ("invalid_grant", "no client credentials user enabled")
    assert refused(oauth.token("client_credentials")) == expected
    org.options(client_credentials_user="left@practice.example")
    assert refused(oauth.token("client_credentials")) == ("invalid_grant", "inactive user")


def test_client_credentials_need_the_secret(oauth):
    answer = refused(oauth.token("client_credentials", client_secret="no"))
    assert answer == ("invalid_client", "invalid client credentials")


def test_a_good_assertion_gets_a_token(certified, oauth, key):
    body = oauth.token(JWT_GRANT, assertion=assertion(certified, key)).json()
    assert "refresh_token" not in body
    user = oauth.with_token("/services/oauth2/userinfo", body["access_token"]).json()
    assert user["preferred_username"] == USERNAME


def test_the_audience_may_be_the_site_itself_and_follows_the_kind_of_org(certified, oauth, key):
    def answer(audience):
        return oauth.token(JWT_GRANT, assertion=assertion(certified, key, aud=audience))

    wrong = ("invalid_grant", "audience is invalid")
    assert answer(certified.url).status_code == 200
    assert refused(answer("https://test.salesforce.com")) == wrong
    certified.options(sandbox=True)
    assert answer("https://test.salesforce.com").status_code == 200
    assert refused(answer("https://login.salesforce.com")) == wrong


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"iss": "someone"}, ("invalid_client_id", "client identifier invalid")),
        ({"sub": "nobody@practice.example"}, INVALID),
        ({"sub": "left@practice.example"}, ("invalid_grant", "inactive user")),
        ({"exp": 1}, INVALID),
        ({"exp": None}, INVALID),
    ],
)
def test_assertions_that_are_refused(certified, oauth, key, claims, expected):
    given = assertion(certified, key)
    if "exp" in claims and claims["exp"] is None:
        payload = jwt.decode(given, options={"verify_signature": False})
        del payload["exp"]
        given = jwt.encode(payload, key, algorithm="RS256")
    else:
        given = assertion(certified, key, **claims)
    assert refused(oauth.token(JWT_GRANT, assertion=given)) == expected


def test_an_assertion_lives_three_minutes_at_most(certified, oauth, key):
    long = int(certified.now().timestamp() + 600)
    assert refused(oauth.token(JWT_GRANT, assertion=assertion(certified, key, exp=long))) == INVALID
    given = assertion(certified, key)
    certified.advance(3600)
    assert refused(oauth.token(JWT_GRANT, assertion=given)) == INVALID


def test_a_wrong_signature_or_algorithm(certified, oauth, key):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for given in (
        assertion(certified, other),
        assertion(certified, "x" * 32, algorithm="HS256"),
        assertion(certified, "", algorithm="none"),
        "no.jwt.at-all",
        "",
    ):
        assert refused(oauth.token(JWT_GRANT, assertion=given)) == INVALID


def test_without_a_certificate_every_assertion_is_invalid(org, oauth, key):
    assert refused(oauth.token(JWT_GRANT, assertion=assertion(org, key))) == INVALID


def test_the_user_must_have_been_approved(certified, oauth, key):
    certified.options(jwt_approved=False)
    expected = ("invalid_grant", "user hasn't approved this consumer")
    assert refused(oauth.token(JWT_GRANT, assertion=assertion(certified, key))) == expected


def test_the_app_must_be_installed(certified, oauth, key):
    certified.options(app_installed=False)
    expected = ("invalid_client", "app must be installed into org")
    assert refused(oauth.token(JWT_GRANT, assertion=assertion(certified, key))) == expected
