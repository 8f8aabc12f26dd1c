"""Batches of leads: one call with up to five chunks, and an answer for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from wagtail_salesforce.exceptions import ConnectorError, RequestRefused, Transient
from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce import composite
from wagtail_salesforce.salesforce.calls import Calls
from wagtail_salesforce.salesforce.collections import Chunk, read_answer
from wagtail_salesforce.salesforce.composite import Answer
from wagtail_salesforce.salesforce.errors import not_the_data
from wagtail_salesforce.salesforce.payload import encode
from wagtail_salesforce.salesforce.retry import Retry


A = TypeVar("A", bound=list[RowResult] | ConnectorError)


class Batches(Calls):
    """What the replicator sends by."""

    def send_batch(
        self, chunks: Sequence[Chunk], *, headers: Mapping[str, str], retry: bool = True
    ) -> list[Answer]:
        """Write one to five chunks with one API call; an answer per chunk, in order.

        One chunk goes as a Collections call, several as one Composite (or, where a value looks
        like a reference to another subrequest, as several Collections calls). A chunk that Salesforce
        refuses as a whole has a RequestRefused in its place; a refused call has one in every
        place. Its `stands_for` is None when a record may be to blame, so that dividing helps;
        else it is the Stopped or Transient to end with. A refused call that no record can be to
        blame for raises Stopped. With `retry`, chunks that met a passing trouble are sent again,
        the others are not.
        """
        if not 0 < len(chunks) <= composite.MOST_CHUNKS:
            raise ValueError("A batch holds one to five chunks.")

        def send(part: Sequence[Chunk]) -> list[Answer]:
            try:
                return self._answers(part, headers, retry=retry and part is chunks)
            except ConnectorError as error:
                if part is chunks:
                    raise
                # The other chunks of the first try are done, and shall not be forgotten.
                refused = RequestRefused(error.message, code=error.code, stands_for=error)
                return [refused] * len(part)

        return repeat_passing(self._retry, chunks, send) if retry else send(chunks)

    def _answers(
        self, chunks: Sequence[Chunk], headers: Mapping[str, str], retry: bool
    ) -> list[Answer]:
        send = partial(self._send_one if len(chunks) == 1 else self._send_several, chunks, headers)
        try:
            return self._retry.call(send) if retry else send()
        except RequestRefused as refused:
            if stop := not_the_data(refused):
                raise stop from None
            return [refused] * len(chunks)

    def _send_one(self, chunks: Sequence[Chunk], headers: Mapping[str, str]) -> list[Answer]:
        (chunk,) = chunks
        answer = self._call(chunk.method, chunk.path, encode(chunk.body()), headers)
        return [read_answer(answer, len(chunk.records))]

    def _send_several(self, chunks: Sequence[Chunk], headers: Mapping[str, str]) -> list[Answer]:
        body = encode(composite.build(chunks, self.api_version, headers))
        if composite.may_hold_reference(body):
            # What a visitor typed must arrive as it is, even if that takes a call for each chunk.
            return [self._answers([chunk], headers, retry=False)[0] for chunk in chunks]
        return composite.read(self._call("POST", "composite", body, headers), chunks)


def repeat_passing(
    retry: Retry, chunks: Sequence[Chunk], send: Callable[[Sequence[Chunk]], list[A]]
) -> list[A]:
    """Send the chunks; those that met a passing trouble again, as often as is tried at all."""
    answers = send(chunks)
    for attempt in range(1, retry.tries):
        again = [n for n, answer in enumerate(answers) if _is_passing(answer)]
        if not again:
            break
        retry.sleep(retry.wait(attempt))
        repeated = send([chunks[n] for n in again])
        for n, answer in zip(again, repeated, strict=True):
            answers[n] = answer
    return answers


def _is_passing(answer: list[RowResult] | ConnectorError) -> bool:
    if isinstance(answer, RequestRefused):
        return isinstance(answer.stands_for, Transient)
    return isinstance(answer, Transient)
