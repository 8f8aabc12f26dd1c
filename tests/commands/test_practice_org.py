"""`salesforce_practice_org` that cannot begin says which option to change."""

from __future__ import annotations

import socket

import pytest
from django.core.management import CommandError, call_command

from wagtail_salesforce.practice_org.__main__ import main


def refusal(**options):
    given = {"port": 0, "state": ":memory:", **options}
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
    with pytest.raises(CommandError) as refused:
        call_command("salesforce_practice_org", *arguments)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == str(refused.value), "the module says the same as the command"
    return str(refused.value)


def test_a_port_that_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert refusal(port=port).startswith(f"The port {port} is taken. Give another one with --p")


def test_a_port_that_is_none():
    assert refusal(port=99999).startswith("--port 99999 is no port. Give a number from 0 to 65535")


def test_a_file_in_no_folder():
    assert refusal(state="/nowhere/org.sqlite3").startswith("--state /nowhere/org.sqlite3: the fil")


def test_a_file_of_something_else(tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("Dear Sir or Madam, " * 100)
    assert "not a database" in refusal(state=file)


def test_a_certificate_that_is_missing():
    words = refusal(jwt_certificate="/nowhere/c.pem")
    assert (
        words
        == "--jwt-certificate /nowhere/c.pem: No such file or directory. Give a certificate in PEM form."
    )
