"""Salesforce's errors in their two shapes: of a whole request, and of one row.

Source: REST guide, "Status Codes and Error Responses". A request answers with an array of
``message``, ``errorCode`` and sometimes ``fields``; a row of a Collections call answers with
``statusCode`` in place of ``errorCode``.
"""

from dataclasses import dataclass
from typing import Any


# A row error answered by a single-row resource has the status of its code; the rest are 400.
ROW_STATUS = {
    "ENTITY_IS_DELETED": 404,
    "INSUFFICIENT_ACCESS": 403,
    "INSUFFICIENT_ACCESS_OR_READONLY": 403,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": 403,
    # Assumption storage-limit: the status of a full storage is 403, as the catalogue supposes.
    "STORAGE_LIMIT_EXCEEDED": 403,
}
# These single-row errors carry no "fields" key at all.
WITHOUT_FIELDS = frozenset({"INVALID_FIELD", "NOT_FOUND", "MISSING_ARGUMENT"})


class ApiError(Exception):
    """A refusal of the whole request."""

    def __init__(
        self, status: int, code: str, message: str, fields: list[str] | None = None, **extra: Any
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.fields, self.extra = fields, extra

    def body(self) -> list[dict[str, Any]]:
        """The JSON array that the answer carries."""
        error = {**self.extra, "message": self.message, "errorCode": self.code}
        return [error if self.fields is None else {**error, "fields": self.fields}]


@dataclass(frozen=True)
class RowError:
    """What is wrong with one row."""

    code: str
    message: str
    fields: tuple[str, ...] = ()
    detail: dict[str, Any] | None = None

    def as_row(self) -> dict[str, Any]:
        """The form inside a Collections result (``duplicateResult`` is left out there)."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}

    def as_request(self) -> dict[str, Any]:
        """The form a single-row resource answers with."""
        if self.detail is not None:
            return {**self.detail, "errorCode": self.code, "message": self.message}
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.code not in WITHOUT_FIELDS:
            error["fields"] = list(self.fields)
        return error


class RowErrors(Exception):
    """One row is refused, for one reason or several."""

    def __init__(self, *errors: RowError) -> None:
        super().__init__(errors[0].message)
        self.errors = errors

    @property
    def status(self) -> int:
        """The HTTP status a single-row resource answers with."""
        return ROW_STATUS.get(self.errors[0].code, 400)

    def body(self) -> list[dict[str, Any]]:
        """The JSON array of a single-row resource."""
        return [error.as_request() for error in self.errors]


def row_error(code: str, message: str, *fields: str) -> RowErrors:
    """One row error, ready to raise."""
    return RowErrors(RowError(code, message, fields))


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    """The 404 of anything that is not there."""
    return ApiError(404, "NOT_FOUND", message)


class OAuthError(Exception):
    """A refusal of the token endpoint: 400 with ``error`` and ``error_description``."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description

    def body(self) -> dict[str, str]:
        """The JSON object that the answer carries."""
        return {"error": self.error, "error_description": self.description}
