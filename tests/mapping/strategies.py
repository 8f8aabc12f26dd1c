"""Random contacts and random mappings."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

from hypothesis import strategies as st

from wagtail_salesforce.contacts.fields import FIELDS, FieldType
from wagtail_salesforce.mapping.convert import fits, supported
from wagtail_salesforce.mapping.sources import custom_sources

from .making import ATTRIBUTES, REQUIRED, constant, custom, from_attribute, from_field, lead


# Anything a contact may hold: what PostgreSQL stores, so no NUL and no lone surrogate.
STORABLE = st.characters(codec="utf-8", exclude_characters="\x00")
SHORT = st.one_of(
    st.just(""),
    st.text(alphabet=STORABLE, max_size=100),
    st.sampled_from(
        ["  ", "x" * 100, "😀" * 60, "Łukasz", "東京", "a\r\nb", "é", "US", "CA", "hot"]
    ),
)
EMAILS = st.one_of(
    st.just(""),
    st.from_regex(r"[a-z0-9]{1,20}(\.[a-z0-9]{1,20})?@[a-z]{1,50}\.example", fullmatch=True),
)
SPOILT = st.sampled_from(["x", [], {"a": 1}, True, 1.5, None])


def days(spoilt: bool) -> Any:
    years = (1600, 4100) if spoilt else (1900, 3999)
    return st.dates(*(date(year, 1, 1) for year in years))


def moments(spoilt: bool) -> Any:
    return st.builds(datetime.combine, days(spoilt), st.times(), st.just(timezone.utc))


def attribute_values(spoilt: bool) -> dict[FieldType, Any]:
    """JSON forms of attributes by type; numbers and dates too large only when spoilt."""
    limit = 10**10 if spoilt else 99
    return {
        FieldType.TEXT: SHORT,
        FieldType.LONG_TEXT: SHORT.map(lambda text: text * 3),
        FieldType.INTEGER: st.integers(-limit, limit),
        FieldType.DECIMAL: st.decimals(-limit, limit, places=3).map(str),
        FieldType.FLOAT: st.floats(-limit, limit),
        FieldType.BOOLEAN: st.booleans(),
        FieldType.DATE: days(spoilt).map(date.isoformat),
        FieldType.DATETIME: moments(spoilt).map(datetime.isoformat),
    }


def stored_attributes(spoilt: bool) -> Any:
    """What the attributes column holds: right values, and where asked for wrong ones too."""
    by_type = attribute_values(spoilt)
    values = {
        name: by_type[kind] | SPOILT if spoilt else by_type[kind]
        for name, kind in ATTRIBUTES.items()
    }
    rows = st.fixed_dictionaries({}, optional=values)
    return rows | st.sampled_from([None, [], "x"]) if spoilt else rows


def contacts(spoilt: bool = True) -> Any:
    """The columns of a contact; one that is not spoilt can mostly be sent."""
    columns: dict[str, Any] = dict.fromkeys(FIELDS, SHORT)
    columns |= {
        "id": st.integers(1, 10**9),
        "last_name": SHORT if spoilt else SHORT.map(lambda text: text or "Doe"),
        "email": EMAILS,
        "notes": SHORT.map(lambda text: text * 400),
        "birthday": st.none() | days(spoilt),
        "created_at": moments(spoilt),
        "last_activity_at": st.none() | moments(spoilt),
        "attributes": stored_attributes(spoilt),
    }
    return st.fixed_dictionaries(columns)


def mappings(email_only_from_email: bool = False) -> Any:
    """The `fields` of a mapping: the required ones, and any others with sources that fit."""
    optional = {
        field.name: st.sampled_from(sources)
        for field in lead().mappable_fields()
        if field.name not in REQUIRED
        and supported(field)
        # Two people of a test may share a value, which a unique field rightly refuses.
        and not field.unique
        and (sources := _sources(field, email_only_from_email))
    }
    return st.fixed_dictionaries(
        {name: st.just(entry) for name, entry in REQUIRED.items()}, optional=optional
    )


def _sources(field: Any, email_only_from_email: bool) -> list[dict[str, Any]]:
    if field.type == "email" and email_only_from_email:
        return [from_field("email")]
    found = [from_field(name) for name, each in FIELDS.items() if fits(field, each.type)]
    found += [from_attribute(name) for name, kind in ATTRIBUTES.items() if fits(field, kind)]
    found += [custom(name) for name, each in custom_sources().items() if fits(field, each.type)]
    return found + _fixed(field)


def _fixed(field: Any) -> list[dict[str, Any]]:
    if field.active_values:
        return [{"source": "picklist", "value": field.active_values[0]}]
    return [constant("x")] if field.type in ("string", "textarea") else []
