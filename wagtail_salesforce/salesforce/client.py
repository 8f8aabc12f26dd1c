"""The client: everything the package, and a site's own code, says to Salesforce's REST API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext
from simple_salesforce import Salesforce, format_soql

from wagtail_salesforce.exceptions import ConnectorError, RequestRefused, Stopped, Transient
from wagtail_salesforce.salesforce import composite
from wagtail_salesforce.salesforce.bulk import BulkJobs
from wagtail_salesforce.salesforce.collections import (
    CHUNK_SIZE,
    Chunk,
    Record,
    api_name,
    read_answer,
    record_id,
    with_type,
)
from wagtail_salesforce.salesforce.composite import Answer
from wagtail_salesforce.salesforce.describe import ObjectDescribe
from wagtail_salesforce.salesforce.errors import not_the_data
from wagtail_salesforce.salesforce.hosts import HostRules
from wagtail_salesforce.salesforce.limits import Usage
from wagtail_salesforce.salesforce.org_session import OrgSession
from wagtail_salesforce.salesforce.payload import decode, encode
from wagtail_salesforce.salesforce.results import RowResult
from wagtail_salesforce.salesforce.retry import Retry, pause


__all__ = ["Chunk", "RowResult", "SalesforceClient", "Usage", "format_soql"]


class SalesforceClient:
    """Speaks to one org with one authorization. Threads may share it.

    Built on simple-salesforce with a session of ours: timeouts and TLS always, no redirects, a
    refused token renewed once, usage read from every answer, and our exceptions instead of its
    own: Stopped (NotAuthorized among them), Transient, RequestRefused. A Transient has been
    tried again already, as far as that is safe.

    `refresh` takes the refused access token and returns a new one, or raises NotAuthorized.
    `on_usage` is called after every answer that tells the usage, in the calling thread;
    `on_refused` with a fresh token that was refused as well.
    """

    def __init__(
        self,
        *,
        instance_url: str,
        access_token: str,
        api_version: str,
        refresh: Callable[[str], str] | None = None,
        ca_bundle: str | None = None,
        allow_loopback: bool = False,
        allowed_hosts: Iterable[str] = (),
        on_usage: Callable[[Usage], None] | None = None,
        on_refused: Callable[[str], None] | None = None,
        tries: int = 4,
        sleep: Callable[[float], None] = pause,
    ) -> None:
        self.api_version = api_version
        self._retry = Retry(tries, sleep=sleep)
        self._session = OrgSession(
            HostRules.of(allowed_hosts, allow_loopback),
            instance_url,
            access_token,
            refresh=refresh,
            on_usage=on_usage,
            on_refused=on_refused,
            ca_bundle=ca_bundle,
        )
        self._sf = _simple_salesforce(self._session, instance_url, api_version)

    @property
    def usage(self) -> Usage | None:
        """The org's daily API calls by the last answer that told them."""
        return self._session.meter.usage

    @property
    def calls(self) -> int:
        """HTTP calls made so far that count toward the org's allowance."""
        return self._session.meter.calls

    def set_guard(self, guard: Callable[[Usage | None, int], None]) -> None:
        """Ask this before every call that counts, repeats included; it raises to forbid it.

        It gets the usage as last told and the number of calls begun that it may not include.
        """
        self._session.meter.guard = guard

    def hurry(self, seconds: float) -> None:
        """For a page that somebody waits for: try once, and wait no longer for an answer."""
        self._retry = Retry(1)
        self._session.shorten_timeout(seconds)

    @property
    def simple_salesforce(self) -> Any:
        """The `simple_salesforce.Salesforce` underneath, for all that is not offered here.

        Its calls keep our timeouts, renew a refused token and raise our exceptions.
        """
        return self._sf

    @property
    def bulk(self) -> BulkJobs:
        """Bulk API 2.0: jobs of up to 100,000 rows."""
        return BulkJobs(self._session, self._sf.base_url, self._retry)

    def close(self) -> None:
        """Give the connections back. The client may still be used; it makes new ones."""
        self._session.close()

    def __enter__(self) -> SalesforceClient:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    # Reading

    def describe(self, object_name: str) -> ObjectDescribe:
        """The object's fields as the integration user sees them (one API call).

        Raises Transient for an answer that is no list of fields, so that it replaces no good one.
        """
        answer = self._get(f"sobjects/{api_name(object_name)}/describe")
        try:
            found = ObjectDescribe.from_json(answer)
        except (AttributeError, KeyError, TypeError):
            found = None
        # The Id is visible to everybody who may see the object at all.
        if found is None or not found.fields:
            message = gettext("Salesforce's list of the fields of %(object)s could not be read.")
            raise Transient(message % {"object": object_name})
        return found

    def query(self, soql: str, *, include_deleted: bool = False) -> Iterator[dict[str, Any]]:
        """All records of a SOQL query, page by page (up to 2,000 records an API call).

        Build the text with `simple_salesforce.format_soql`, which quotes values safely.
        """
        path = "queryAll" if include_deleted else "query"
        page = self._get(path, params={"q": soql})
        while True:
            yield from page["records"]
            if page.get("done", True):
                return
            page = self._get(self._below_base(page["nextRecordsUrl"]))

    def get(self, object_name: str, id: str, fields: Sequence[str] = ()) -> dict[str, Any]:
        """One record by its Salesforce id, with the given fields or all."""
        names = ",".join(map(api_name, fields))
        path = f"sobjects/{api_name(object_name)}/{record_id(id)}"
        record: dict[str, Any] = self._get(path, params={"fields": names} if names else None)
        return record

    def limits(self) -> dict[str, Any]:
        """The org's limits. Needs the permission View Setup and Configuration."""
        limits: dict[str, Any] = self._get("limits")
        return limits

    def userinfo(self) -> dict[str, Any]:
        """Who the token belongs to, from the identity service; not counted as an API call."""
        found: dict[str, Any] | None = self._retry.call(lambda: self._sf.oauth2("userinfo"))
        if not found:
            raise Transient(gettext("Salesforce's answer could not be read."))
        return found

    # Writing

    def insert(self, object_name: str, records: Iterable[Record]) -> list[RowResult]:
        """Create records; one result per record, in order.

        A call whose answer got lost is not repeated, because it might create them twice: use
        `upsert` where the object has an external id. An error carries the `results` so far.
        """
        return self._in_chunks(
            records, lambda part: self._write("POST", object_name, part, idempotent=False)
        )

    def update(self, object_name: str, records: Iterable[Record]) -> list[RowResult]:
        """Change records, each with its `Id`; one result per record, in order."""
        return self._in_chunks(records, lambda part: self._write("PATCH", object_name, part))

    def upsert(
        self, object_name: str, external_id_field: str, records: Iterable[Record]
    ) -> list[RowResult]:
        """Create or change records by the external id they hold; one result per record."""
        below = f"/{api_name(object_name)}/{api_name(external_id_field)}"
        return self._in_chunks(
            records, lambda part: self._write("PATCH", object_name, part, below=below)
        )

    def delete(self, ids: Iterable[str]) -> list[RowResult]:
        """Delete records of any object by their ids; one result per id, in order."""
        return self._in_chunks(map(record_id, ids), self._delete)

    def send_batch(
        self, chunks: Sequence[Chunk], *, headers: Mapping[str, str], retry: bool = True
    ) -> list[Answer]:
        """Write one to five chunks with one API call; an answer per chunk, in order.

        One chunk goes as a Collections call, several as one Composite. A chunk that Salesforce
        refuses as a whole has a RequestRefused in its place; a refused call has one in every
        place. Its `stands_for` is None when a record may be to blame, so that dividing helps;
        else it is the Stopped or Transient to end with. A refused call that no record can be to
        blame for raises Stopped. With `retry`, chunks that met a passing trouble are sent again,
        the others are not.
        """
        if not 0 < len(chunks) <= composite.MOST_CHUNKS:
            raise ValueError("A batch holds one to five chunks.")
        answers = self._answers(chunks, headers, retry)
        for attempt in range(1, self._retry.tries if retry else 1):
            again = [n for n, answer in enumerate(answers) if _is_passing(answer)]
            if not again:
                break
            self._retry.sleep(self._retry.wait(attempt))
            repeated = self._answers([chunks[n] for n in again], headers, retry)
            for n, answer in zip(again, repeated, strict=True):
                answers[n] = answer
        return answers

    # How

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
        answer = self._call("PATCH", chunk.path, encode(chunk.body()), headers)
        return [read_answer(answer, len(chunk.records))]

    def _send_several(self, chunks: Sequence[Chunk], headers: Mapping[str, str]) -> list[Answer]:
        body = encode(composite.build(chunks, self.api_version, headers))
        return composite.read(self._call("POST", "composite", body, headers), chunks)

    def _write(
        self,
        method: str,
        object_name: str,
        records: Sequence[Record],
        *,
        below: str = "",
        idempotent: bool = True,
    ) -> list[RowResult]:
        body = encode({"allOrNone": False, "records": with_type(object_name, records)})
        answer = self._retry.call(
            lambda: self._call(method, f"composite/sobjects{below}", body), idempotent=idempotent
        )
        return read_answer(answer, len(records))

    def _delete(self, ids: Sequence[str]) -> list[RowResult]:
        params = {"ids": ",".join(ids), "allOrNone": "false"}
        answer = self._retry.call(
            lambda: self._sf.restful("composite/sobjects", params, method="DELETE")
        )
        return read_answer(answer, len(ids))

    def _in_chunks(
        self, items: Iterable[Any], send: Callable[[list[Any]], list[RowResult]]
    ) -> list[RowResult]:
        waiting, results = list(items), list[RowResult]()
        for start in range(0, len(waiting), CHUNK_SIZE):
            try:
                results += send(waiting[start : start + CHUNK_SIZE])
            except ConnectorError as error:
                error.results = tuple(results)
                raise
        return results

    def _call(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> Any:
        return self._sf.restful(path, method=method, data=body, headers=dict(headers or {}))

    def _get(self, path: str, params: dict[str, str] | None = None) -> Any:
        return self._retry.call(lambda: self._sf.restful(path, params))

    def _below_base(self, url: str) -> str:
        """The rest of an address that an answer names, which must be within the same API."""
        base = f"/services/data/v{self.api_version}/"
        if not url.startswith(base):
            raise Stopped(
                gettext("Salesforce's answer names an address outside of its API."),
                code="host_not_allowed",
            )
        return url[len(base) :]


def _is_passing(answer: Answer) -> bool:
    return isinstance(answer, RequestRefused) and isinstance(answer.stands_for, Transient)


def _simple_salesforce(session: OrgSession, instance_url: str, api_version: str) -> Any:
    sf = Salesforce(
        # The session adds the token; here only the presence of one counts.
        session_id="",
        instance_url=instance_url,
        version=api_version,
        session=session,
    )
    # Salesforce would indent every answer for people to read.
    sf.headers = {"Content-Type": "application/json"}
    sf.parse_result_to_json = decode
    return sf
