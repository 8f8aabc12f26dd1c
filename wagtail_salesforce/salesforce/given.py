"""What the caller of the client gave, looked at before anything is sent for it.

Wrong use is a TypeError with a sentence: which argument, and what belongs there. It repeats no
value, as that may be somebody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wagtail_salesforce.salesforce.collections import Record, record_id


#: Keys, secrets and tokens are that; http.client repeats a header that it cannot send in its error.
ONE_WORD = re.compile(r"[\x21-\x7e]*", re.ASCII)
_HEADER = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_RECORD = 'a mapping of field names to values, such as {"LastName": "Keller"}'


def kind_of(value: object) -> str:
    """What a value is, for a sentence, without repeating it."""
    if value is None:
        return "None"
    return "a text" if isinstance(value, str) else f"of the type {type(value).__name__}"


def stripped(name: str, value: str) -> str:
    """A text without the blanks around it: what is read from a file ends with a line end."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is a text, and what was given is {kind_of(value)}.")
    return value.strip()


def one_word(name: str, value: str) -> str:
    """A key, secret or token, which may be empty."""
    word = stripped(name, value)
    if not ONE_WORD.fullmatch(word):
        raise ValueError(
            f"{name} holds a blank, a control character or a letter beyond ASCII, which none has."
            " Give it exactly as Salesforce does."
        )
    return word


def several_records(object_name: str, records: Iterable[Record]) -> Iterator[Record]:
    """The records one by one; what is none of this object raises when its turn comes."""
    if isinstance(records, str | bytes) or not isinstance(records, Iterable):
        raise TypeError(
            f"records is one record ({_RECORD}) or several of them, and what was given is"
            f" {kind_of(records)}."
        )
    return _each_record(object_name, records)


def _each_record(object_name: str, records: Iterable[Record]) -> Iterator[Record]:
    for number, record in enumerate(records, 1):
        if not isinstance(record, Mapping):
            raise TypeError(
                f"Record {number} is {kind_of(record)}. A record is {_RECORD}; one that is"
                " several values or an object of your own has to be made one first."
            )
        if "attributes" in record:
            _check_attributes(object_name, number, record["attributes"])
        yield record


def _check_attributes(object_name: str, number: int, attributes: Any) -> None:
    """They are those that a query gives: REST would write to whatever object they name."""
    named = attributes.get("type") if isinstance(attributes, Mapping) else None
    if not isinstance(named, str) or named.lower() != object_name.lower():
        raise ValueError(
            f'The "attributes" of record {number} do not say that it is of {object_name}.'
            " Leave them out, or write the record to its own object."
        )


#: How ids of standard objects begin. REST deletes by the id alone, whatever object is named.
PREFIXES = {
    "account": "001",
    "campaign": "701",
    "case": "500",
    "contact": "003",
    "event": "00U",
    "lead": "00Q",
    "opportunity": "006",
    "task": "00T",
    "user": "005",
}


def id_of(object_name: str, value: str) -> str:
    """The id of a record of this object. Raises ValueError for that of another one, as far as the
    beginning tells."""
    prefix = PREFIXES.get(object_name.lower())
    if prefix and not record_id(value).startswith(prefix):
        raise ValueError(
            f"{value!r} is not the id of a record of {object_name}, which begins with {prefix}."
        )
    return record_id(value)


def several_ids(object_name: str, ids: Iterable[str]) -> Iterator[Record]:
    """Records of the ids to delete, one by one."""
    if isinstance(ids, bytes | Mapping) or not isinstance(ids, Iterable):
        raise TypeError(
            f"ids is one Salesforce id (a text) or several of them, and what was given is"
            f' {kind_of(ids)}. Of a record give record["Id"].'
        )
    return ({"Id": id_of(object_name, each)} for each in ids)


def field_names(fields: Iterable[str]) -> Iterable[str]:
    """The fields to read."""
    if isinstance(fields, str) or not isinstance(fields, Iterable):
        raise TypeError(
            f'fields is a list of API names, such as ["LastName"], and what was given is'
            f" {kind_of(fields)}."
        )
    return fields


def as_headers(headers: Mapping[str, str] | None) -> Mapping[str, str]:
    """Headers for REST calls, which are texts."""
    given: Any = {} if headers is None else headers
    if not isinstance(given, Mapping) or not all(isinstance(each, str) for each in _flat(given)):
        raise TypeError(
            'headers is a mapping of texts to texts, such as {"Sforce-Auto-Assign": "FALSE"};'
            " booleans and numbers have to be texts as well."
        )
    if not all(_HEADER.fullmatch(name) and _can_be_sent(text) for name, text in given.items()):
        raise ValueError(
            "headers holds a name or value that no call can carry: with a line end, another"
            " control character, a blank around it or a letter beyond ASCII."
        )
    return given


def _can_be_sent(value: str) -> bool:
    return value.isascii() and value.isprintable() and value == value.strip()


def _flat(given: Mapping[Any, Any]) -> Iterator[Any]:
    for name, value in given.items():
        yield name
        yield value
