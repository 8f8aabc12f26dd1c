"""Every type of Lead field against every kind of value."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.mapping.convert import FITTING, convert, fits
from wagtail_salesforce.mapping.outcomes import Refusal, Shortened
from wagtail_salesforce.mapping.references import checksum
from wagtail_salesforce.mapping.text import units

from .making import LONDON, entries, make_field


UTC = timezone.utc
NEW_YORK = ZoneInfo("America/New_York")
TEXT_TYPES = ("string", "textarea", "phone", "encryptedstring", "combobox")
WRONG = "INVALID_TYPE_ON_FIELD_IN_RECORD"
VALUES = {
    "text": "some text",
    "whole number": 12,
    "decimal": Decimal("1.5"),
    "float": 1.5,
    "yes": True,
    "date": date(2026, 2, 28),
    "moment": datetime(2026, 2, 28, 9, 30, tzinfo=UTC),
    "list": ["a", "b"],
    "dictionary": {"a": 1},
    "bytes": b"a",
}
NUMBERS = {"whole number", "decimal", "float"}
TAKEN = {
    "boolean": {"yes"},
    "date": {"date", "moment"},
    "datetime": {"date", "moment"},
    **dict.fromkeys((*TEXT_TYPES, "email", "url", "picklist"), {"text"}),
    "multipicklist": {"text", "list"},
    **dict.fromkeys(("int", "long", "double", "percent", "currency"), NUMBERS),
}


@pytest.mark.parametrize("type", TAKEN)
@pytest.mark.parametrize("kind", VALUES)
def test_every_pair_of_types_fits_or_is_refused(type, kind):
    field = make_field(type, length=255, digits=8 if type == "int" else 0, precision=8, scale=2)
    sent = convert(VALUES[kind], field, LONDON)
    if kind in TAKEN[type]:
        assert not isinstance(sent, Refusal)
        orjson.dumps(sent)
    else:
        assert isinstance(sent, Refusal)
        assert (sent.field, sent.code) == ("Thing__c", WRONG)


@pytest.mark.parametrize("type", FITTING)
def test_none_is_empty_everywhere(type):
    assert convert(None, make_field(type), LONDON) is None


@pytest.mark.parametrize("type", [*TEXT_TYPES, "email", "url", "picklist", "multipicklist"])
@pytest.mark.parametrize("blank", ["", "  ", "\x00", "\n"])
def test_blank_text_is_empty(type, blank):
    field = make_field(type, length=80, restricted=True, picklist=entries("a"))
    assert convert(blank, field, LONDON) is None


def test_a_type_that_holds_no_value_is_refused():
    assert convert("x", make_field("address"), LONDON).code == WRONG
    assert not fits(make_field("address"), FieldType.TEXT)


def test_blank_never_becomes_true():
    for value in (None, "", "no", 0, 1):
        assert convert(value, make_field("boolean"), LONDON) is not True


@pytest.mark.parametrize("type", TEXT_TYPES)
def test_long_text_is_shortened_with_both_lengths(type):
    sent = convert("x" * 50, make_field(type, length=40), LONDON)
    assert sent == Shortened("Thing__c", "x" * 40, 50, 40)
    assert "Thing__c" in sent.message
    assert "50" in sent.message
    assert "40" in sent.message


def test_text_is_only_called_shortened_when_it_was():
    assert convert(" " * 90 + "x", make_field(length=40), LONDON) == "x"


@pytest.mark.parametrize("type", ["email", "url"])
def test_half_an_address_is_never_sent(type):
    address = "x" * 90 + "@example.org"
    refusal = convert(address, make_field(type, length=80), LONDON)
    assert refusal.code == "STRING_TOO_LONG"
    assert "80" in refusal.message
    assert address not in refusal.message


def test_a_line_break_stays_in_a_text_area_only():
    assert convert("a\r\nb", make_field("textarea", length=255), LONDON) == "a\r\nb"
    assert convert("a\r\nb", make_field(length=255), LONDON) == "a b"


@pytest.mark.parametrize(
    ("value", "zone", "expected"),
    [
        (date(2026, 2, 28), LONDON, "2026-02-28"),
        (datetime(2026, 2, 28, 23, 59, tzinfo=UTC), LONDON, "2026-02-28"),
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), LONDON, "2026-07-01"),
        (datetime(2026, 7, 1, 3, 0, tzinfo=UTC), NEW_YORK, "2026-06-30"),
        (datetime(2026, 7, 1, 3, 0), NEW_YORK, "2026-07-01"),
        (date(1700, 1, 1), LONDON, "1700-01-01"),
    ],
)
def test_dates_keep_their_day_in_the_sites_time_zone(value, zone, expected):
    assert convert(value, make_field("date"), zone) == expected


@pytest.mark.parametrize(
    ("value", "zone", "expected"),
    [
        (datetime(2026, 2, 28, 9, 30, 15, 999999, tzinfo=UTC), LONDON, "2026-02-28T09:30:15Z"),
        (datetime(2026, 7, 1, 9, 30, tzinfo=LONDON), NEW_YORK, "2026-07-01T08:30:00Z"),
        (datetime(2026, 7, 1, 9, 30), NEW_YORK, "2026-07-01T13:30:00Z"),
        (date(2026, 7, 1), LONDON, "2026-06-30T23:00:00Z"),
        (date(2026, 7, 1), NEW_YORK, "2026-07-01T04:00:00Z"),
    ],
)
def test_moments_are_sent_in_utc(value, zone, expected):
    assert convert(value, make_field("datetime"), zone) == expected


@pytest.mark.parametrize("type", ["date", "datetime"])
@pytest.mark.parametrize(
    "value",
    [
        date(1699, 12, 31),
        date(4001, 1, 1),
        datetime.min,
        datetime.max,
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    ],
)
def test_dates_that_salesforce_cannot_hold_are_refused(type, value):
    assert convert(value, make_field(type), LONDON).code == "FIELD_INTEGRITY_EXCEPTION"


@given(st.dates(date(1700, 1, 3), date(4000, 12, 29)), st.timezones())
def test_a_date_in_a_datetime_field_is_the_same_day_there(day, zone):
    sent = convert(day, make_field("datetime"), zone)
    assert datetime.fromisoformat(sent.replace("Z", "+00:00")).astimezone(zone).date() == day
    assert convert(day, make_field("date"), zone) == day.isoformat()


# Picklists

TIER = make_field(
    "picklist", length=255, restricted=True, picklist=entries("Gold", "Silver", inactive=("Iron",))
)
OPEN = make_field("picklist", length=255, picklist=entries("Web", "Shop"))


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (TIER, "Gold", "Gold"),
        (TIER, " gOLD ", "Gold"),
        (OPEN, "web", "Web"),
        (OPEN, "Fair", "Fair"),
    ],
)
def test_picklists_take_the_orgs_spelling(field, value, expected):
    assert convert(value, field, LONDON) == expected


@pytest.mark.parametrize("value", ["Copper", "Iron", "Gold;Silver"])
def test_a_restricted_picklist_names_what_it_takes(value):
    refusal = convert(value, TIER, LONDON)
    assert refusal.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert "Gold, Silver" in refusal.message
    assert "Iron" not in refusal.message
    assert "Copper" not in refusal.message


def test_a_label_means_its_value():
    from wagtail_salesforce.salesforce.describe import PicklistEntry

    field = make_field(
        "picklist",
        restricted=True,
        picklist=(PicklistEntry("Matched", "In Sync"), PicklistEntry("In sync", "Other")),
    )
    assert convert("in sync", field, LONDON) == "In sync"
    assert convert("OTHER", field, LONDON) == "In sync"
    assert convert("matched", field, LONDON) == "Matched"


def test_free_text_in_an_open_picklist_is_shortened():
    assert convert("x" * 300, OPEN, LONDON) == Shortened("Thing__c", "x" * 255, 300, 255)


PRODUCTS = make_field(
    "multipicklist", length=4099, restricted=True, picklist=entries("Server", "Desktop", "Cloud")
)
TOPICS = make_field("multipicklist", length=4099, picklist=entries("News"))


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (PRODUCTS, "Server;cloud", "Server;Cloud"),
        (PRODUCTS, " server ; ;Server;Desktop", "Server;Desktop"),
        (PRODUCTS, ["cloud", "Server"], "Cloud;Server"),
        (PRODUCTS, ("Server;Cloud", "Desktop"), "Server;Cloud;Desktop"),
        (PRODUCTS, [], None),
        (PRODUCTS, " ; ", None),
        (TOPICS, "news;Jazz", "News;Jazz"),
    ],
)
def test_multi_select(field, value, expected):
    assert convert(value, field, LONDON) == expected


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        (PRODUCTS, "Server;Tea", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        (TOPICS, [f"t{n}" for n in range(101)], "TOO_MANY_ENUM_VALUE"),
        (TOPICS, ["x" * 2000, "y" * 2000, "z" * 200], "STRING_TOO_LONG"),
        (PRODUCTS, ["Server", 3], WRONG),
    ],
)
def test_multi_select_refusals(field, value, code):
    assert convert(value, field, LONDON).code == code


def test_a_hundred_values_are_taken():
    assert convert([f"t{n}" for n in range(100)], TOPICS, LONDON).count(";") == 99


# References

OWNER = make_field("reference", length=18, reference_to=("Group", "User"))


def test_ids_are_sent_in_their_long_form():
    assert checksum("001D000000IRFma") == "IAH"
    short = "005D0000001KyEI"
    assert convert(short, OWNER, LONDON) == short + checksum(short)
    assert convert(short + checksum(short), OWNER, LONDON) == short + checksum(short)


@pytest.mark.parametrize(
    "value",
    ["", "005", "005D0000001KyE!", "005D0000001KyEIAAA", "00QD0000001KyEI", "005D0000001KyEI1", 5],
)
def test_what_is_no_id_of_the_object_is_refused(value):
    sent = convert(value, OWNER, LONDON)
    assert sent is None if value == "" else sent.code == "MALFORMED_ID"


def test_the_prefix_is_only_checked_where_all_are_known():
    field = make_field("reference", reference_to=("User", "Region__c"))
    assert convert("a0BD0000001KyEI", field, LONDON).startswith("a0BD0000001KyEI")


# Whatever comes

ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(alphabet=st.characters(codec=None)),
    st.dates(),
    st.datetimes(timezones=st.none() | st.timezones()),
    st.lists(st.text(alphabet=st.characters(codec=None), max_size=9), max_size=5),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
FIELDS = [
    make_field("boolean", nillable=False),
    make_field("date"),
    make_field("datetime"),
    *(make_field(type, length=12) for type in (*TEXT_TYPES, "email", "url")),
    make_field("picklist", length=12, picklist=entries("Hot", "Cold")),
    TIER,
    PRODUCTS,
    make_field("multipicklist", length=12, picklist=entries("Hot")),
    make_field("int", digits=8),
    make_field("double", precision=6, scale=2),
    make_field("currency", precision=18, scale=0),
    OWNER,
]
KINDS = {
    "boolean": bool,
    "int": int,
    "double": (int, float),
    "currency": (int, float),
}


@given(ANYTHING, st.sampled_from(FIELDS))
def test_whatever_comes_is_sent_right_or_refused(value, field):
    sent = convert(value, field, LONDON)
    if isinstance(sent, Refusal):
        assert sent.field == field.name
        assert sent.code
        assert sent.message
        return
    sent = sent.value if isinstance(sent, Shortened) else sent
    orjson.dumps(sent)
    if sent is not None:
        assert isinstance(sent, KINDS.get(field.type, str))
        assert sent != ""
        if isinstance(sent, str) and field.length:
            assert units(sent) <= field.length
