"""sObject Collections: up to 200 records in one API call.

REST guide, "sObject Collections": rows are independent with allOrNone false, are answered in
request order, and the call counts once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext

from wagtail_salesforce.exceptions import Transient
from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce.results import read_rows


CHUNK_SIZE = 200

Record = Mapping[str, Any]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", re.ASCII)


Kind = Literal["insert", "update", "upsert", "delete"]

_METHODS = {"insert": "POST", "update": "PATCH", "upsert": "PATCH", "delete": "DELETE"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Up to 200 records of one object that are written in the same way.

    Records of an update hold `Id`; records of an upsert hold the external id field and no `Id`;
    of records to delete only the `Id` counts. `external_id_field` is for an upsert, else "".
    """

    kind: Kind
    object_name: str
    external_id_field: str
    records: Sequence[Record]

    @property
    def method(self) -> str:
        """The HTTP method."""
        return _METHODS[self.kind]

    @property
    def path(self) -> str:
        """Where it is sent, below `/services/data/vXX.X/`."""
        if self.kind == "upsert":
            field = api_name(self.external_id_field)
            return f"composite/sobjects/{api_name(self.object_name)}/{field}"
        if self.kind == "delete":
            ids = ",".join(record_id(record["Id"]) for record in self.records)
            return f"composite/sobjects?allOrNone=false&ids={ids}"
        return "composite/sobjects"

    def body(self) -> dict[str, Any] | None:
        """The request body, if it has one."""
        if self.kind == "delete":
            return None
        return {"allOrNone": False, "records": with_type(self.object_name, self.records)}


def with_type(object_name: str, records: Sequence[Record]) -> list[Record]:
    """The records, each saying of which object it is."""
    attributes = {"type": api_name(object_name)}
    return [
        record if "attributes" in record else {"attributes": attributes, **record}
        for record in records
    ]


def api_name(name: str) -> str:
    """A name of an object or field, safe in an address. Raises ValueError for anything else, and
    TypeError for what is no text."""
    if not isinstance(name, str):
        raise TypeError(
            'The API name of an object or field is a text, such as "Lead", and what was given is'
            f" of the type {type(name).__name__}."
        )
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is not the API name of an object or field: a letter, and then letters,"
            " digits and underscores, as in Web_Contact_ID__c."
        )
    return name


def record_id(value: str) -> str:
    """A record id of 15 or 18 characters, safe in an address. Raises ValueError otherwise, and
    TypeError for what is no text."""
    if not isinstance(value, str):
        raise TypeError(
            "A Salesforce id is a text of 15 or 18 characters, and what was given is of the type"
            f" {type(value).__name__}. Of a record give its Id, of a result its id."
        )
    if not _ID.fullmatch(value):
        raise ValueError(f"{value!r} is not a Salesforce id of 15 or 18 characters.")
    return value


def read_answer(answer: Any, expected: int) -> list[RowResult]:
    """The results of a Collections call, one per record.

    Raises Transient when the answer does not hold one row per record: then it says nothing
    reliable about any of them.
    """
    if not isinstance(answer, list) or len(answer) != expected:
        raise Transient(gettext("Salesforce's answer could not be read."))
    try:
        return read_rows(answer)
    except (KeyError, TypeError, AttributeError):
        raise Transient(gettext("Salesforce's answer could not be read.")) from None
