"""Every example of docs/client.md runs, and does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.connecting import connect
from wagtail_salesforce.salesforce import retry


pytestmark = pytest.mark.django_db

PAGE = Path(__file__).resolve().parents[2] / "docs" / "client.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def org(org, db, monkeypatch):
    """Connected, with two leads and no pauses."""
    monkeypatch.setattr(retry.time, "sleep", lambda seconds: None)
    connect(org)
    from wagtail_salesforce.client import get_client

    with get_client() as client:
        for name in ("Keller", "Lovelace"):
            client.insert("Lead", {"LastName": name, "Company": "O'Neill & Sons"})
    org.clear_calls()
    return org


def run(words):
    """Run the one example that has these words; what it leaves behind."""
    (example,) = [example for example in EXAMPLES if words in example]
    found: dict[str, object] = {}
    exec(compile(example, str(PAGE), "exec"), found)
    return found


WORDS = {
    "the first example": "IsConverted = false",
    "quoting": "names=[",
    "counting": "SELECT COUNT() FROM Lead WHERE",
    "a wrong query": "Shoesize",
    "an object": "lead.label",
    "one record": "Countess",
    "many records": '"a2"',
    "a generator": "def products",
    "transports": 'transport="bulk"',
    "an error on the way": "NumberOfEmployees",
    "a name that is not there": '"Leed"',
    "what waits until tomorrow": "def make_leads",
    "usage": "client.usage.remaining",
    "a token": "client_with_token(",
    "credentials": "client_with_credentials(",
}


def test_every_example_is_run_below():
    for example in EXAMPLES:
        assert sum(words in example for words in WORDS.values()) == 1, example
    assert len(EXAMPLES) == len(WORDS)


def test_the_first_example(org, capsys):
    run(WORDS["the first example"])
    assert capsys.readouterr().out.count("Open - Not Contacted") == 2


def test_quoting(org, capsys):
    run(WORDS["quoting"])
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        "Keller",
        "Lovelace",
    ]


def test_counting(org, capsys):
    run(WORDS["counting"])
    assert capsys.readouterr().out == "2\n"


def test_a_wrong_query(org, capsys):
    run(WORDS["a wrong query"])
    assert capsys.readouterr().out.splitlines()[:2] == ["INVALID_FIELD", "(1, 12)"]


def test_an_object(org, capsys):
    run(WORDS["an object"])
    label, last_name, required = capsys.readouterr().out.splitlines()
    assert (label, last_name) == ("Lead", "Last Name 80")
    assert "LastName" in required and "Company" in required


def test_one_record(org):
    found = run(WORDS["one record"])
    assert found["result"].success
    assert (len(org.leads(include_deleted=True)), org.count_leads()) == (3, 2)


def test_many_records(org, capsys):
    found = run(WORDS["many records"])
    assert [result.success for result in found["results"]] == [True, False]
    assert capsys.readouterr().out == "a2 REQUIRED_FIELD_MISSING ('LastName',)\n"


def test_a_generator(org, capsys):
    run(WORDS["a generator"])
    assert capsys.readouterr().out == "3000 of 3000\n"
    assert len(org.calls(path="/batches")) == 1


def test_transports(org):
    run(WORDS["transports"])
    assert org.count_leads() == 502
    assert [call["path"].rpartition("/")[2] for call in org.calls(counted=True)][-1] == "composite"
    assert len(org.calls(path="/batches")) == 1


def test_an_error_on_the_way(org, capsys):
    run(WORDS["an error on the way"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("JSON_PARSER_ERROR")
    assert lines[1] == "1300 leads were made"
    assert org.count_leads() == 1302


def test_a_name_that_is_not_there(org, capsys):
    run(WORDS["a name that is not there"])
    code, message, cure = capsys.readouterr().out.splitlines()
    assert (code, message.endswith("; did you mean Lead?")) == ("NOT_FOUND", True)
    assert cure


def test_what_waits_until_tomorrow(org):
    make_leads = run(WORDS["what waits until tomorrow"])["make_leads"]
    names = [f"Visitor {number}" for number in range(1200)]
    org.set_allowance(max=100, used=79)
    assert make_leads(names) == names[1000:]
    assert org.count_leads() == 1002
    org.set_allowance(max=100, used=0)
    assert make_leads(names[:1]) == []


def test_usage(org, capsys):
    run(WORDS["usage"])
    used = org.set_allowance()["used"]
    assert capsys.readouterr().out == f"1 call, {15000 - used} left today\n"


def test_a_token(org, capsys):
    accounts = run(WORDS["a token"])["accounts"]
    token = org.client_credentials_token()["access_token"]
    assert accounts(org.url, token) == 0
    org.expire_tokens()
    assert accounts(org.url, token) is None
    assert capsys.readouterr().out == "token_refused\n"


def test_credentials(org):
    accounts = run(WORDS["credentials"])["accounts"]
    assert accounts(org.url, org.CLIENT_ID, org.CLIENT_SECRET) == 0
