"""Writes a thousand records at most by one REST call: Collections or a Composite of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from django.utils.translation import gettext

from wagtail_salesforce.exceptions import ConnectorError, RequestRefused
from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce import composite
from wagtail_salesforce.salesforce.batch import repeat_passing
from wagtail_salesforce.salesforce.calls import Calls
from wagtail_salesforce.salesforce.collections import CHUNK_SIZE, Chunk, Record, read_answer
from wagtail_salesforce.salesforce.composite import PlainAnswer
from wagtail_salesforce.salesforce.culprit import culprit, named
from wagtail_salesforce.salesforce.missing import object_not_there, row_not_there
from wagtail_salesforce.salesforce.orders import Order, in_order
from wagtail_salesforce.salesforce.payload import encode


#: What one Composite carries.
WINDOW = CHUNK_SIZE * composite.MOST_CHUNKS


class ByRest(Calls):
    """The REST calls of the client's writing half."""

    def _send_window(
        self, order: Order, records: Sequence[Record], start: int = 0
    ) -> list[RowResult]:
        """Write up to 1,000 records; `start` is how many went before, for the words of errors."""
        check_finite(records, start)
        try:
            results = self._sent(order.chunks(records), order)
        except RequestRefused as refused:
            raise _named(refused, order, records, start) from None
        if order.kind == "insert":
            # Collections do not say it of an insert, and Bulk does.
            return [row._replace(created=True) if row.success else row for row in results]
        if order.key == "Id":
            pairs = zip(results, records, strict=True)
            return [_named_row(row, order, record) for row, record in pairs]
        return results

    def _sent(self, chunks: list[Chunk], order: Order) -> list[RowResult]:
        if len(chunks) == 1:
            return self._send_alone(chunks[0], order)
        body = encode(composite.build(chunks, self.api_version, order.headers))
        if composite.may_hold_reference(body):
            return in_order(self._send_alone(chunk, order) for chunk in chunks)
        return joined(self._send_together(chunks, order), chunks)

    def _send_alone(self, chunk: Chunk, order: Order) -> list[RowResult]:
        body = chunk.body()
        data = None if body is None else encode(body)

        def send() -> list[RowResult]:
            answer = self._call(chunk.method, chunk.path, data, order.headers)
            return read_answer(answer, len(chunk.records))

        try:
            return self._retry.call(send, idempotent=order.repeatable)
        except RequestRefused as refused:
            refused.results = tuple(_all_refused(chunk, refused))
            raise

    def _send_together(self, chunks: Sequence[Chunk], order: Order) -> list[PlainAnswer]:
        if not order.repeatable:
            return self._composite(chunks, order)

        def send(part: Sequence[Chunk]) -> list[PlainAnswer]:
            try:
                return self._composite(part, order)
            except ConnectorError as error:
                if part is chunks:
                    raise
                # The other chunks of the first try are done, and shall not be forgotten.
                return [error] * len(part)

        return repeat_passing(self._retry, chunks, send)

    def _composite(self, chunks: Sequence[Chunk], order: Order) -> list[PlainAnswer]:
        body = encode(composite.build(chunks, self.api_version, order.headers))

        def send() -> list[PlainAnswer]:
            answer = self._call("POST", "composite", body, order.headers)
            return composite.read_plainly(answer, chunks)

        return self._retry.call(send, idempotent=order.repeatable)


def check_finite(records: Sequence[Record], start: int = 0) -> None:
    """Raise RequestRefused for a float that is no number: it would be written as null, and so
    clear the field."""
    for number, record in enumerate(records, start + 1):
        for name, value in record.items():
            if isinstance(value, float) and not math.isfinite(value):
                problem = gettext("The number is not a finite one, and cannot be sent.")
                raise named(problem, number, name)


def _named(
    refused: RequestRefused, order: Order, records: Sequence[Record], start: int
) -> RequestRefused:
    """The refusal with the name of what is to blame, where Salesforce or JSON do not tell it."""
    # A parent inside of a record may be what is of another object.
    if refused.code == "INVALID_TYPE" and order.object_name in refused.message:
        return object_not_there(order.object_name, refused)
    if refused.code == "UNENCODABLE_VALUE":
        return culprit(records, start, refused)
    return refused


def _named_row(row: RowResult, order: Order, record: Record) -> RowResult:
    return row if row.success else row_not_there(order.object_name, str(record.get("Id")), row)


def joined(answers: Sequence[PlainAnswer], chunks: Sequence[Chunk]) -> list[RowResult]:
    """The results of a Composite in order. Raises the first part's error, with all of them."""
    rows, errors = list[RowResult](), list[ConnectorError]()
    for answer, chunk in zip(answers, chunks, strict=True):
        if isinstance(answer, ConnectorError):
            errors.append(answer)
            rows += _all_refused(chunk, answer)
        else:
            rows += answer
    if errors:
        errors[0].results = tuple(rows)
        raise errors[0]
    return rows


def _all_refused(chunk: Chunk, error: ConnectorError) -> list[RowResult]:
    return [RowResult(False, code=error.code, message=error.message)] * len(chunk.records)
