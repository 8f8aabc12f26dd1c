"""salesforce_connect, as scripts call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.private_keys import keys
from wagtail_salesforce.connection.models import Connection


SECRET = "WAGTAIL_SALESFORCE_CLIENT_SECRET"


@pytest.fixture
def connect(db, org, monkeypatch):
    """Call the command; returns (exit code, document, text)."""
    monkeypatch.setenv(SECRET, org.CLIENT_SECRET)

    def run(*arguments, **changes):
        options = {"login-url": org.url, "client-id": org.CLIENT_ID, "flow": "client-credentials"}
        options.update({key.replace("_", "-"): value for key, value in changes.items()})
        given = [f"--{key}={value}" for key, value in options.items() if value is not None]
        out = StringIO()
        try:
            call_command("salesforce_connect", *given, *arguments, "--json", stdout=out)
        except CommandError as refusal:
            text = out.getvalue()
            return refusal.returncode, json.loads(text) if text else None, str(refusal)
        return 0, json.loads(out.getvalue()), ""

    return run


def test_it_connects(connect, org):
    assert connect() == (
        0,
        {
            "state": "finished",
            "reason": None,
            "org": "Practice Org Ltd",
            "org_id": org.options()["org_id"],
            "user": "integration@practice.example",
        },
        "",
    )
    assert Connection.load().is_authorized


def test_it_says_so_in_words(connect, org):
    out = StringIO()
    arguments = ["--flow=client-credentials", f"--login-url={org.url}"]
    call_command("salesforce_connect", *arguments, f"--client-id={org.CLIENT_ID}", stdout=out)
    assert out.getvalue().startswith("Connected to Practice Org Ltd (00D")


def test_a_refusal_in_words(org, db, monkeypatch):
    monkeypatch.setenv(SECRET, "wrong")
    out = StringIO()
    arguments = ["--flow=client-credentials", f"--login-url={org.url}"]
    with pytest.raises(CommandError, match="Copy the consumer secret") as refusal:
        call_command("salesforce_connect", *arguments, f"--client-id={org.CLIENT_ID}", stdout=out)
    assert (refusal.value.returncode, out.getvalue()) == (1, "")


@pytest.fixture
def key_file(tmp_path, org, monkeypatch):
    """A private key that the org trusts; no secret is known."""
    monkeypatch.delenv(SECRET)
    org.options(jwt_public_key=keys().certificate)
    file = tmp_path / "key.pem"
    file.write_text(keys().private)
    return file


def test_jwt_bearer(connect, org, key_file):
    options = {"flow": "jwt-bearer", "username": org.USERNAME, "private_key": str(key_file)}
    code, document, _text = connect(**options)
    assert (code, document["user"]) == (0, org.USERNAME)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: keys().encrypted, "openssl pkey -in key.pem"),
        (lambda: keys().certificate, "give its private key here"),
        (lambda: keys().der, "openssl pkcs12"),
    ],
)
def test_a_file_that_is_no_private_key(connect, org, key_file, content, words):
    given = content()
    key_file.write_bytes(given if isinstance(given, bytes) else given.encode())
    options = {"flow": "jwt-bearer", "username": org.USERNAME, "private_key": str(key_file)}
    code, document, text = connect(**options)
    assert (code, document["reason"]) == (1, "invalid_private_key")
    assert text.count(words) == 1


def test_the_settings_may_give_user_and_key(connect, org, key_file, settings):
    settings.WAGTAIL_SALESFORCE = {
        "ALLOW_LOOPBACK_ORG": True,
        "JWT_USERNAME": org.USERNAME,
        "JWT_PRIVATE_KEY_FILE": str(key_file),
    }
    assert connect(flow="jwt-bearer")[0] == 0
    row = Connection.load()
    assert (row.jwt_username, row.jwt_private_key) == ("", "")
    code, _document, text = connect(flow="jwt-bearer", username="somebody")
    assert code == 2 and "JWT_USERNAME" in text
    code, _document, text = connect(flow="jwt-bearer", private_key=str(key_file))
    assert code == 2 and "JWT_PRIVATE_KEY_FILE" in text
    key_file.unlink()
    code, document, text = connect(flow="jwt-bearer")
    assert (code, document["reason"]) == (1, "private_key_file")
    assert str(key_file) in text and "allowed to read it" in text


def test_what_the_settings_give_is_not_stored(connect, org, settings):
    settings.WAGTAIL_SALESFORCE = {
        "ALLOW_LOOPBACK_ORG": True,
        "CLIENT_ID": org.CLIENT_ID,
        "CLIENT_SECRET": org.CLIENT_SECRET,
        "LOGIN_URL": f"{org.url}/",
    }
    assert connect()[0] == 0, "the same value as in the settings is no contradiction"
    row = Connection.load()
    assert row.client_secret == "" and org.CLIENT_SECRET not in str(vars(row))


def test_client_credentials_need_my_domain(connect, org):
    code, document, text = connect(login_url="https://login.salesforce.com")
    assert (code, document["reason"]) == (1, "wrong_login_host")
    assert "My Domain" in text


def test_a_refused_host_is_advised_once(connect):
    _code, _document, text = connect(login_url="https://evil.example")
    assert text.count("test.salesforce.com") == 1


def test_the_words_can_be_translated(connect, monkeypatch):
    monkeypatch.setattr(
        "wagtail_salesforce.management.commands.salesforce_connect._",
        lambda text: f"[{text}]",
    )
    assert "[--flow %(flow)s needs" not in connect(login_url=None)[2]
    assert connect(login_url=None)[2].startswith("[--flow client-credentials needs --login-url")
    assert connect(username="u")[2].startswith("[--username")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_id": "wrong"}, "invalid_client_id"),
        ({"login_url": "https://evil.example"}, "host_not_allowed"),
        ({"login_url": "http://127.0.0.1:9"}, "org_unreachable"),
        ({"login_url": "notaurl"}, "org_unreachable"),
    ],
)
def test_a_refusal_names_its_reason(connect, changes, reason):
    code, document, text = connect(**changes)
    assert (code, document) == (1, {"state": "stopped", "reason": reason})
    assert len(text.split(". ")) >= 2, text
    if reason == "org_unreachable":
        address = changes["login_url"].replace("notaurl", "https://notaurl.my.salesforce.com")
        assert f"answers at {address}. " in text
    assert not Connection.load().is_authorized


def test_a_wrong_secret(connect, monkeypatch):
    monkeypatch.setenv(SECRET, "a-wrong-secret")
    code, document, text = connect()
    assert (code, document["reason"]) == (1, "invalid_client")
    assert "a-wrong-secret" not in text


def test_an_org_that_is_down(connect, org, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    org.fault("unavailable_html")
    assert connect()[:2] == (1, {"state": "stopped", "reason": "org_unavailable"})


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"login_url": None}, "--login-url"),
        ({"client_id": None}, "--client-id"),
        ({"flow": None}, "--flow"),
        ({"flow": "password"}, "password"),
        ({"flow": "jwt-bearer"}, "--username"),
        ({"flow": "jwt-bearer", "username": "u", "private_key": "/no/where"}, "/no/where"),
        ({"username": "u"}, "jwt-bearer"),
    ],
)
def test_wrong_arguments(connect, changes, word):
    code, document, text = connect(**changes)
    # What argparse refuses is answered by the program alone: `call_command` knows no --json yet.
    by_argparse = changes.get("flow", "jwt-bearer") != "jwt-bearer"
    wrong = {"state": "stopped", "reason": "wrong_arguments"}
    assert (code, document) == (2, None if by_argparse else wrong)
    assert word in text


def test_there_is_no_option_for_the_secret(connect):
    assert connect("--client-secret=x")[0] == 2


def test_without_a_secret_and_without_a_terminal(connect, monkeypatch):
    monkeypatch.delenv(SECRET)
    monkeypatch.setattr("sys.stdin", StringIO())
    code, _document, text = connect()
    assert code == 2
    assert f"into the environment variable {SECRET}." in text


@pytest.mark.parametrize(("typed", "code"), [("practice-consumer-secret", 0), ("", 2)])
def test_the_secret_is_asked_for_at_a_terminal(connect, monkeypatch, typed, code):
    monkeypatch.delenv(SECRET)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: typed)
    assert connect()[0] == code


def test_the_settings_may_give_everything(connect, org, settings):
    settings.WAGTAIL_SALESFORCE = {
        "ALLOW_LOOPBACK_ORG": True,
        "LOGIN_URL": org.url,
        "CLIENT_ID": org.CLIENT_ID,
        "CLIENT_SECRET": org.CLIENT_SECRET,
    }
    assert connect(login_url=None, client_id=None)[0] == 0
    code, _document, text = connect(client_id="another")
    assert code == 2
    assert "CLIENT_ID" in text


def test_wrong_settings(connect, settings):
    settings.WAGTAIL_SALESFORCE = {"API_VERSION": 66}
    code, _document, text = connect()
    assert code == 2
    assert "API_VERSION" in text


def test_as_a_program(org):
    """The exit code, both streams, and no traceback."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "WS_TEST_DATABASE": "sqlite",
        SECRET: "x",
    }
    base = [sys.executable, "-m", "django", "salesforce_connect", "--json"]
    wrong = subprocess.run(base, capture_output=True, text=True, env=environment)
    assert wrong.returncode == 2
    assert json.loads(wrong.stdout) == {"state": "stopped", "reason": "wrong_arguments"}
    assert "--flow" in wrong.stderr
    more = ["--flow=client-credentials", "--login-url=https://evil.example", "--client-id=k"]
    refused = subprocess.run([*base, *more], capture_output=True, text=True, env=environment)
    assert "Traceback" not in wrong.stderr + refused.stderr
    document = json.loads(refused.stdout.splitlines()[-1])
    assert (refused.returncode, document["reason"]) == (1, "not_migrated")
