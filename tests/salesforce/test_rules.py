"""Small pure rules: usage, results, errors, retries."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from wagtail_salesforce.exceptions import (
    REASONS,
    Action,
    RequestRefused,
    RowLocked,
    Stopped,
    Transient,
)
from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce.errors import (
    ROW_VERDICTS,
    classify_row,
    fault_of,
    read_fault,
    to_error,
    to_refusal,
)
from wagtail_salesforce.salesforce.limits import Usage, parse_limit_info
from wagtail_salesforce.salesforce.oauth_errors import _MEANINGS
from wagtail_salesforce.salesforce.results import read_rows
from wagtail_salesforce.salesforce.retry import Retry


@pytest.mark.parametrize(
    ("header", "usage"),
    [
        ("api-usage=18/5000", Usage(18, 5000)),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=x)", Usage(25, 5000)),
        ("per-app-api-usage=17/250(appName=x); api-usage=25/5000", Usage(25, 5000)),
        ("per-app-api-usage=17/250(appName=x)", None),
        ("api-usage=x/5000", None),
        ("", None),
        (None, None),
    ],
)
def test_usage_is_read_from_the_header(header, usage):
    assert parse_limit_info(header) == usage


def test_an_org_may_overshoot():
    assert Usage(110, 100).remaining == -10


ROWS = [
    ({"id": "1", "success": True, "errors": [], "created": True}, RowResult(True, "1", True)),
    ({"id": "1", "success": True, "errors": []}, RowResult(True, "1", False)),
    (
        {"success": False, "errors": [{"statusCode": "C", "message": "M", "fields": ["F"]}]},
        RowResult(False, "", False, "C", "M", ("F",)),
    ),
    (
        {"id": "1", "success": False, "created": False, "errors": [{"errorCode": "C"}]},
        RowResult(False, "1", False, "C"),
    ),
    ({"success": False, "errors": []}, RowResult(False, "", False, "UNKNOWN_EXCEPTION")),
    ({"id": None, "success": False}, RowResult(False, "", False, "UNKNOWN_EXCEPTION")),
]


@pytest.mark.parametrize(("row", "result"), ROWS)
def test_a_row_is_read_in_every_form(row, result):
    assert read_rows([row]) == [result]


def answer(status, body, **headers):
    return to_error(read_fault(status, headers, body))


JSON = b'[{"message":"%b","errorCode":"%b"}]'


@pytest.mark.parametrize(
    ("status", "code", "message", "expected"),
    [
        (403, b"REQUEST_LIMIT_EXCEEDED", b"TotalRequests Limit exceeded.", "request_limit"),
        (403, b"API_DISABLED_FOR_ORG", b"The REST API is not enabled", "api_disabled"),
        (403, b"STORAGE_LIMIT_EXCEEDED", b"storage limit exceeded", "storage_limit"),
        (403, b"INSUFFICIENT_ACCESS", b"no", "access_denied"),
    ],
)
def test_what_stops_a_run(status, code, message, expected):
    error = answer(status, JSON % (message, code))
    assert isinstance(error, Stopped)
    assert error.code == expected


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (503, b"<html><title>Service Unavailable</title></html>"),
        (502, b""),
        (500, JSON % (b"An unexpected error occurred.", b"UNKNOWN_EXCEPTION")),
        (503, JSON % (b"Server too busy", b"SERVER_UNAVAILABLE")),
        (420, b"No routing information for this host"),
        (429, b""),
        (403, JSON % (b"ConcurrentRequests Limit exceeded.", b"REQUEST_LIMIT_EXCEEDED")),
        (403, JSON % (b"later", b"API_CURRENTLY_DISABLED")),
        (400, JSON % (b"slow", b"QUERY_TIMEOUT")),
    ],
)
def test_what_passes(status, body):
    error = answer(status, body)
    assert isinstance(error, Transient)
    assert error.action is Action.RETRY


def test_a_locked_row_passes_and_says_so():
    assert isinstance(answer(400, JSON % (b"unable", b"UNABLE_TO_LOCK_ROW")), RowLocked)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, JSON % (b"bad", b"JSON_PARSER_ERROR"), "JSON_PARSER_ERROR"),
        (404, JSON % (b"gone", b"NOT_FOUND"), "NOT_FOUND"),
        (302, b"", "HTTP_302"),
        (404, b"<html>no such page</html>", "HTTP_404"),
        (300, b'["/a","/b"]', "HTTP_300"),
        (400, b"[]", "HTTP_400"),
        (400, b"null", "null"),
        (403, b"Wrong_Org", "Wrong_Org"),
    ],
)
def test_what_is_refused(status, body, code):
    error = answer(status, body)
    assert isinstance(error, RequestRefused)
    assert (error.code, error.status) == (code, status)
    assert error.message


def test_a_refusal_tells_no_value():
    text = b"from VALUE_STRING value ada@example.org or request may be missing a required field"
    assert "ada" not in answer(400, JSON % (text, b"JSON_PARSER_ERROR")).message


@given(st.integers(300, 599), st.binary(max_size=80))
def test_no_answer_breaks_the_reading(status, body):
    assert answer(status, body).message


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header, seconds):
    with time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=timezone.utc), tick=False):
        assert read_fault(503, {"Retry-After": header}, b"").retry_after == seconds


def test_a_refused_part_says_what_it_would_have_been():
    part = to_refusal(
        fault_of(403, [{"errorCode": "STORAGE_LIMIT_EXCEEDED", "message": "storage limit"}])
    )
    assert (part.action, part.stands_for.code) == (Action.STOP, "storage_limit")
    part = to_refusal(fault_of(503, [{"errorCode": "SERVER_UNAVAILABLE", "message": "busy"}]))
    assert part.action is Action.RETRY
    part = to_refusal(fault_of(400, [{"errorCode": "INVALID_FIELD", "message": "No such column"}]))
    assert (part.action, part.stands_for, part.code) == (Action.SPLIT, None, "INVALID_FIELD")


@pytest.mark.parametrize(
    ("code", "action", "reason"),
    [
        ("UNABLE_TO_LOCK_ROW", Action.RETRY, ""),
        ("SERVER_UNAVAILABLE", Action.RETRY, ""),
        ("STORAGE_LIMIT_EXCEEDED", Action.STOP, "storage_limit"),
        ("CANNOT_UPDATE_CONVERTED_LEAD", Action.EXCLUDE, "converted"),
        ("ENTITY_IS_DELETED", Action.EXCLUDE, "deleted"),
        ("DUPLICATES_DETECTED", Action.SUSPEND, "duplicates"),
        ("DUPLICATE_VALUE", Action.SUSPEND, ""),
        ("STRING_TOO_LONG", Action.SUSPEND, ""),
        ("INSUFFICIENT_ACCESS", Action.SUSPEND, ""),
        ("SOMETHING_NEW", Action.SUSPEND, ""),
    ],
)
def test_what_a_refused_row_means(code, action, reason):
    verdict = classify_row(code, "some message")
    assert (verdict.action, verdict.reason) == (action, reason)


def test_a_purged_record_is_a_deleted_one_only_when_addressed_by_id():
    text = "invalid cross reference id"
    assert classify_row("INVALID_CROSS_REFERENCE_KEY", text, by_id=True).reason == "deleted"
    assert classify_row("INVALID_CROSS_REFERENCE_KEY", text).action is Action.SUSPEND
    owner = classify_row("INVALID_CROSS_REFERENCE_KEY", text, ["OwnerId"], by_id=True)
    assert owner.action is Action.SUSPEND


def test_every_code_has_words_and_a_cure():
    codes = {code for _error, _part, code in _MEANINGS}
    codes |= {v.reason for v in ROW_VERDICTS.values() if v.action is Action.STOP}
    for code in codes:
        assert str(REASONS[code].text).endswith("."), code
        assert str(REASONS[code].cure).endswith((".", ".)")), code


def failing(times, error):
    waits = []

    def do():
        if len(waits) < times:
            raise error
        return "done"

    return do, waits


def test_a_call_is_repeated_with_growing_waits():
    do, waits = failing(3, Transient())
    assert Retry(sleep=waits.append).call(do) == "done"
    assert [0.25, 0.5, 1] <= waits <= [0.5, 1, 2]


def test_the_tries_are_bounded():
    do, waits = failing(9, Transient("busy"))
    with pytest.raises(Transient, match="busy"):
        Retry(tries=3, sleep=waits.append).call(do)
    assert len(waits) == 2


def test_salesforce_says_how_long_to_wait():
    do, waits = failing(1, Transient(retry_after=7))
    assert Retry(sleep=waits.append).call(do) == "done"
    assert waits == [7]


def test_a_long_wait_is_left_to_a_later_run():
    do, waits = failing(1, Transient(retry_after=600))
    with pytest.raises(Transient):
        Retry(sleep=waits.append).call(do)
    assert waits == []


def test_what_must_not_be_doubled_is_repeated_only_when_nothing_was_done():
    do, waits = failing(1, Transient())
    with pytest.raises(Transient):
        Retry(sleep=waits.append).call(do, idempotent=False)
    do, waits = failing(1, Transient(untouched=True))
    assert Retry(sleep=waits.append).call(do, idempotent=False) == "done"
