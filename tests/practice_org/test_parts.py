"""The small parts that need no server: ids, clock, positions, tables, moments."""

from datetime import date, datetime, timezone

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from wagtail_salesforce.practice_org import app, control, seed
from wagtail_salesforce.practice_org.allowance import Allowance
from wagtail_salesforce.practice_org.clock import Clock
from wagtail_salesforce.practice_org.ids import BASE62, make, normalise, to_18
from wagtail_salesforce.practice_org.json_position import locate
from wagtail_salesforce.practice_org.moments import format_moment, parse_date, parse_moment
from wagtail_salesforce.practice_org.org import Org
from wagtail_salesforce.practice_org.soql_periods import period
from wagtail_salesforce.practice_org.store import Store
from wagtail_salesforce.practice_org.tables import Tables


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("003RO0000035WQg", "003RO0000035WQgYAM"),
        ("750ak000009BWKL", "750ak000009BWKLAA4"),
        ("005ak000005hvjJ", "005ak000005hvjJAAQ"),
        ("012000000000000", "012000000000000AAA"),
        ("00QZZZZZZZZZZZZ", "00QZZZZZZZZZZZZ255"),
    ],
)
def test_the_suffix_spells_the_case_out(short, long):
    assert to_18(short) == long == normalise(short) == normalise(long)


@pytest.mark.parametrize("text", ["", "00Q", "003RO0000035WQgYAA", "00Q00000000000é", "0" * 16])
def test_what_is_no_id(text):
    assert normalise(text) is None


@given(st.text(alphabet=BASE62, min_size=15, max_size=15))
def test_ids_that_differ_in_case_differ_in_their_suffix(short):
    assert normalise(to_18(short)) == to_18(short)
    assert (to_18(short)[15:] == to_18(short.swapcase())[15:]) is short.isdigit()


def test_ids_are_made_in_order():
    ids = [make("00Q", number) for number in (1, 61, 62, 62**3)]
    assert ids == sorted(ids) and len(set(ids)) == 4 and all(len(each) == 18 for each in ids)


def test_the_clock_stands_still_and_runs_on():
    real = [100.0]
    clock = Clock(real_time=lambda: real[0])
    clock.advance(10)
    assert clock.timestamp() == 110
    clock.freeze(True)
    real[0] = 200
    assert clock.timestamp() == 110
    clock.advance(5)
    clock.freeze(False)
    real[0] = 201
    assert clock.timestamp() == 116


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9**9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(JSON, st.sampled_from([0, orjson.OPT_INDENT_2]))
def test_every_value_is_found_where_it_stands(value, option):
    raw = orjson.dumps(value, option=option)
    lines = raw.decode().split("\n")
    for path, inner in _walk(value, ()):
        line, column = locate(raw, path)
        rest = lines[line - 1][column - 1 :]
        begin = orjson.dumps(inner, option=option).decode().split("\n")[0]
        assert rest.startswith(begin)


def _walk(value, path):
    yield path, value
    if isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from _walk(inner, (*path, key))


def test_a_path_that_is_not_there_is_the_beginning():
    assert locate(b'{"a": 1}', ["b"]) == (1, 1)
    assert locate(b"", ["b"]) == (1, 1)
    assert locate(b"[" * 100_000, [0] * 50_000) == (1, 1)


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "X", "y", None]), st.booleans()),
        max_size=12,
    ),
    st.integers(0, 12),
)
def test_rolling_back_restores_rows_and_indexes(writes, kept):
    tables = Tables()
    index = tables.table("Lead").index("Key")
    mark = before = None
    for number, (record_id, key, deleted) in enumerate(writes):
        if number == kept:
            mark, before = tables.mark(), _state(tables, index)
        old = tables.table("Lead").get(record_id)
        tables.put("Lead", {"Id": record_id, "Key": key, "IsDeleted": deleted}, old)
    if mark is not None:
        tables.roll_back(mark)
        assert _state(tables, index) == before
    living = {
        row["Id"]: row["Key"].lower()
        for row in tables.table("Lead").rows()
        if row["Key"] and not row["IsDeleted"]
    }
    found = {each: key for key, ids in index.ids.items() for each in ids}
    assert found == living


def _state(tables, index):
    ids = {key: frozenset(each) for key, each in index.ids.items()}
    return dict(tables.table("Lead").blobs), ids


def test_moments_read_and_written():
    moment = parse_moment("2024-03-31T01:30:00.5+02:00")
    assert moment == datetime(2024, 3, 30, 23, 30, tzinfo=timezone.utc)
    assert format_moment(moment) == "2024-03-30T23:30:00.000+0000"
    for text in ("2024-02-30T00:00:00Z", "2024-01-01 00:00:00", "0001-01-01T00:00:00+14:00", ""):
        assert parse_moment(text) is None
    assert parse_date("2023-02-29") is None and parse_date("20240101") is None


@pytest.mark.parametrize(
    ("word", "start", "end"),
    [
        ("TODAY", date(2024, 1, 31), date(2024, 2, 1)),
        ("YESTERDAY", date(2024, 1, 30), date(2024, 1, 31)),
        ("TOMORROW", date(2024, 2, 1), date(2024, 2, 2)),
        ("LAST_N_DAYS:2", date(2024, 1, 29), date(2024, 2, 1)),
        ("NEXT_N_DAYS:2", date(2024, 2, 1), date(2024, 2, 3)),
        ("THIS_MONTH", date(2024, 1, 1), date(2024, 2, 1)),
        ("LAST_MONTH", date(2023, 12, 1), date(2024, 1, 1)),
        ("NEXT_MONTH", date(2024, 2, 1), date(2024, 3, 1)),
    ],
)
def test_date_words(word, start, end):
    assert period(word, date(2024, 1, 31)) == (start, end)


@pytest.mark.parametrize("word", ["SOMEDAY", "LAST_N_DAYS", "TODAY:3", "LAST_N_DAYS:"])
def test_date_words_that_are_none(word):
    assert period(word, date(2024, 1, 31)) is None


def test_the_allowance_counts_what_is_younger_than_a_day():
    allowance = Allowance(maximum=10)
    allowance.spend(1000, 4)
    allowance.spend(1000)
    allowance.spend(2000, 2)
    assert (allowance.used(2000), allowance.remaining(2000)) == (7, 3)
    assert allowance.used(1000 + 86399) == 7 and allowance.used(1000 + 86400) == 2
    assert allowance.limit_info(1000 + 86400) == "api-usage=2/10"
    # A clock set back counts on in the newest second rather than losing calls.
    allowance.spend(500)
    assert allowance.used(2000) == 3


def test_a_breakdown_is_answered_like_salesforces_own_and_saves_nothing(monkeypatch, caplog):
    org = Org("http://127.0.0.1:1", Store(":memory:"), {})

    def breaks(call, *_):
        org.tables.put("Lead", {"Id": "x", "IsDeleted": False})
        raise ZeroDivisionError

    monkeypatch.setattr(app, "answer_rest", breaks)
    client = Client(app.PracticeApp(org))
    response = client.get("/services/data/v66.0/limits")
    assert response.status_code == 500
    assert response.get_json()[0]["errorCode"] == "UNKNOWN_EXCEPTION"
    assert "Traceback" not in response.text and "ZeroDivisionError" in caplog.text
    assert org.tables.table("Lead").blobs == {}
    org.store.close()


def test_a_commit_that_broke_down_does_not_block_the_next():
    store = Store(":memory:")
    store.begin()
    store.save_document("a", 1)
    store.begin()
    store.save_document("b", 2)
    store.commit()
    assert (store.load_document("a"), store.load_document("b")) == (None, 2)
    store.close()


def test_the_control_class_knows_the_seed():
    known = (control.CLIENT_ID, control.CLIENT_SECRET, control.USERNAME, control.PASSWORD)
    assert known == (seed.CLIENT_ID, seed.CLIENT_SECRET, seed.USERNAME, seed.PASSWORD)
