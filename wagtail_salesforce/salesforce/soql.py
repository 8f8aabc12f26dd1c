"""Values as parts of a SOQL query: quoted, so that nobody's name becomes a part of the query."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from simple_salesforce.format import SoqlFormatter, quote_soql_value


#: What stands behind the colon of a place, as in `{name:like}`.
FORMS = ("like", "literal")


def format_soql(query: str, *args: Any, **kwargs: Any) -> str:
    """A query with values in its places: `{}`, `{name}`, `{name:like}` or `{name:literal}`.

    Texts, numbers, booleans, None, dates and times are written as SOQL has them, a list of them
    as `(…)` for IN, a member of an Enum as its value. `like` is for a part of a LIKE pattern,
    without quotes around it; `literal` takes a text as it is. Raises ValueError for a value that SOQL has no form for, for an empty
    list, and for a place without a value; TypeError when the query is no text.
    """
    if not isinstance(query, str):
        raise TypeError(f"The query is a text, not {type(query).__name__}.")
    return str(_Formatter().vformat(query, args, kwargs))


class _Formatter(SoqlFormatter):
    """Knows which place it fills, so that what cannot be written is told by name."""

    _place = ""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        self._place = f"{{{field_name}}}"
        try:
            return super().get_field(field_name, args, kwargs)
        except (KeyError, IndexError):
            words = f"The query has the place {self._place}, for which format_soql got no value."
            raise ValueError(words) from None

    def convert_field(self, value: Any, conversion: Any) -> Any:
        if conversion:
            words = f"Leave out !{conversion} in {self._place}: format_soql quotes by itself."
            raise ValueError(words)
        return value

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec and format_spec not in FORMS:
            words = f'After the colon of {self._place} stands "like" or "literal", if anything.'
            raise ValueError(words)
        if format_spec:
            text = str(value.value if isinstance(value, Enum) else value)
            return str(super().format_field(text, format_spec))
        return str(quote_soql_value(self._known(value)))

    def _known(self, value: Any) -> Any:
        """The value as one of the types that simple-salesforce can quote."""
        if isinstance(value, Enum):
            return self._known(value.value)
        if isinstance(value, Promise | UUID):
            return str(value)
        if isinstance(value, Decimal | float):
            return self._number(value)
        if isinstance(value, datetime) and value.utcoffset() is None:
            raise self._unsuitable("a date and time needs a time zone")
        if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
            return self._several(value)
        try:
            quote_soql_value(value)
        except ValueError:
            raise self._unsuitable(f"{type(value).__name__} has no form in SOQL") from None
        return value

    def _number(self, value: Decimal | float) -> _Number | float:
        if not math.isfinite(value):
            raise self._unsuitable("a number must be finite")
        return value if isinstance(value, float) else _Number(value)

    def _several(self, values: Iterable[Any]) -> list[Any]:
        found = [self._known(value) for value in values]
        if not found:
            words = (
                "the list is empty, and SOQL has no IN (): leave the condition out, or do not ask"
            )
            raise self._unsuitable(words)
        return found

    def _unsuitable(self, problem: str) -> ValueError:
        return ValueError(f"A value cannot go to {self._place} of the query: {problem}.")


class _Number(int):
    """A decimal number that is written with all of its digits."""

    _text: str

    def __new__(cls, value: Decimal) -> _Number:
        number = super().__new__(cls, int(value))
        number._text = format(value, "f")
        return number

    def __str__(self) -> str:
        return self._text
