"""What scripts rely on: exit codes, one JSON document as the last line, messages on stderr."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO

import pytest
from django.core.checks import Error
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError

from wagtail_salesforce.exceptions import InvalidDocument, NotAuthorized, Problem, Stopped
from wagtail_salesforce.management.contract import ContractCommand, wrong_input


class Example(ContractCommand):
    """Does what the test says."""

    outcome: object = None

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--number", type=int)

    def act(self, **options):
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome

    def summary(self, document):
        return f"It is {document['state']}."


def run(outcome, *arguments):
    """Returns (exit code, stdout, what goes to stderr)."""
    command, out, err = Example(), StringIO(), StringIO()
    command.outcome = outcome
    try:
        call_command(command, *arguments, stdout=out, stderr=err)
    except CommandError as refusal:
        return refusal.returncode, out.getvalue(), str(refusal)
    return 0, out.getvalue(), err.getvalue()


FINISHED = {"state": "finished", "reason": None, "created": 2}


def test_finished_is_0():
    assert run(FINISHED) == (0, "It is finished.\n", "")
    code, out, _err = run(FINISHED, "--json")
    assert (code, json.loads(out)) == (0, FINISHED)
    assert out.count("\n") == 1


def test_ctrl_c_is_1_and_no_traceback():
    code, out, err = run(KeyboardInterrupt(), "--json")
    assert (code, json.loads(out)) == (1, {"state": "stopped", "reason": "interrupted"})
    assert err == "The command was interrupted. What it had done until then stands."


def test_a_document_with_a_reason_is_1_and_still_printed():
    document = {"state": "busy", "reason": "busy", "created": 0}
    code, out, err = run(document, "--json")
    assert (code, json.loads(out)) == (1, document)
    assert err.startswith("Another replication run is under way. Wait")


@pytest.mark.parametrize("error", [Stopped(code="no_mapping"), NotAuthorized()])
def test_a_refusal_is_1_with_its_reason_and_cure(error):
    code, out, err = run(error, "--json")
    assert (code, json.loads(out)) == (1, {"state": "stopped", "reason": error.code})
    assert err == f"{error.message} {error.cure}"
    assert run(error)[:2] == (1, "")


def test_a_run_that_was_stopped_says_in_words_how_far_it_came():
    assert run({"state": "stopped", "reason": "request_limit"})[:2] == (1, "It is stopped.\n")


def test_a_cure_is_not_said_twice():
    assert run(Stopped("Bad. Authorize again.", code="expired_refresh_token"))[2] == (
        "Bad. Authorize again."
    )


def test_what_ended_an_authorization_says_the_cure_and_the_code_none_besides():
    error = NotAuthorized("It was revoked. Authorize again.")
    error.detail = "expired_refresh_token"
    assert run(error)[2] == "It was revoked. Authorize again."


def test_an_invalid_document_is_2_with_every_problem():
    error = InvalidDocument([Problem("settings.batch_size", "Too much."), Problem("", "Empty.")])
    code, out, err = run(error, "--json")
    document = json.loads(out)
    assert (code, document["reason"]) == (2, "invalid_document")
    assert document["problems"][0] == {"path": "settings.batch_size", "message": "Too much."}
    assert err == "settings.batch_size: Too much.\nEmpty."


def test_wrong_arguments_are_2():
    for arguments in (["--number", "many"], ["--unknown"], ["more"]):
        assert run(FINISHED, *arguments)[0] == 2
    assert run(wrong_input("Not together.")) == (2, "", "Not together.")
    code, out, _err = run(wrong_input("Not together."), "--json")
    assert (code, json.loads(out)) == (2, {"state": "stopped", "reason": "wrong_arguments"})


@pytest.mark.parametrize(
    ("given", "word"),
    [({"API_VERSION": 66}, "API_VERSION"), ({"API_VERSIONS": "66.0"}, "API_VERSIONS"), (3, "dict")],
)
def test_wrong_settings_are_2(settings, given, word):
    settings.WAGTAIL_SALESFORCE = given
    code, out, err = run(FINISHED, "--json")
    assert (code, json.loads(out)) == (2, {"state": "stopped", "reason": "wrong_settings"})
    assert word in err


def test_a_failing_system_check_is_2(monkeypatch):
    command = Example()
    command.outcome = FINISHED

    def check(**kwargs):
        raise SystemCheckError(str(Error("wrong")))

    monkeypatch.setattr(command, "check", check)
    with pytest.raises(SystemCheckError) as refusal:
        call_command(command, skip_checks=False)
    assert refusal.value.returncode == 2


def program(*arguments, **environment):
    """(exit code, stdout, stderr) of a command in a process of its own."""
    given = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", **environment}
    words = [sys.executable, "-m", "django", *arguments]
    done = subprocess.run(words, capture_output=True, text=True, env=given)
    return done.returncode, done.stdout, done.stderr


def test_a_program_answers_wrong_options_and_failing_checks_too():
    code, out, err = program("salesforce_status", "--json", "--unknown")
    assert (code, json.loads(out)) == (2, {"state": "stopped", "reason": "wrong_arguments"})
    assert "--unknown" in err
    code, out, err = program("salesforce_status", "--json", "--format", "xml")
    assert (code, json.loads(out)["reason"]) == (2, "wrong_arguments")
    assert program("salesforce_status", "--unknown")[:2] == (2, "")


@pytest.mark.parametrize("command", ["salesforce_status", "salesforce_replicate"])
def test_before_the_tables_are_made_it_says_how_to_make_them(command):
    """On the database of the tests' server, whichever it is: nobody has migrated there."""
    empty = {"mysql": "mysql", "postgres": "postgres"}.get(os.environ.get("WS_TEST_DATABASE", ""))
    code, out, err = program(command, "--json", WS_TEST_DATABASE_NAME=empty or "unused")
    assert (code, json.loads(out)) == (1, {"state": "stopped", "reason": "not_migrated"})
    assert err.endswith("Run manage.py migrate.\n") and "Error at" not in err


def test_the_unexpected_is_a_named_reason_and_tells_nobodys_data(caplog):
    code, out, err = run(ValueError("ada@example.org"), "--json")
    assert (code, json.loads(out)["reason"]) == (1, "internal_error")
    assert "ValueError at tests.commands.test_contract:" in err
    assert "ada@example.org" not in err + caplog.text
    assert "ValueError" in caplog.text


def test_the_unexpected_is_shown_on_request():
    with pytest.raises(ValueError, match="ada"):
        run(ValueError("ada@example.org"), "--traceback")
