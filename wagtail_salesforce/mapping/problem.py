"""A problem of a mapping, as the editor, the panel and the commands show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class MappingProblem:
    """One problem. `field` is the Lead field's API name, "" for the mapping as a whole.

    An error keeps the mapping from being used, a warning does not. Codes: malformed,
    required_unmapped, field_missing, field_not_writeable, source_missing, attribute_missing,
    type_mismatch, picklist_value_unknown, constant_invalid, reference_invalid,
    external_id_missing, external_id_unusable; as warnings too_long, digits, may_be_empty, rounded,
    name_and_code, state_without_country, currency_unmapped, company_always_set.
    """

    field: str
    code: str
    severity: Severity
    message: str
    #: A warning that needs nothing to be done: the contact goes, only something is shortened.
    is_note: bool = False

    @property
    def is_error(self) -> bool:
        return self.severity == "error"


def error(field: str, code: str, message: str) -> MappingProblem:
    """A problem that keeps the mapping from being used."""
    return MappingProblem(field, code, "error", message)


def warning(field: str, code: str, message: str, *, is_note: bool = False) -> MappingProblem:
    """A problem that some contacts may meet."""
    return MappingProblem(field, code, "warning", message, is_note)
