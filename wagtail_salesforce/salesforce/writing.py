"""What the client writes: one or many records of any object, by the transport that fits.

Salesforce's guidance: up to 2,000 records by REST calls, more by Bulk API 2.0 (Salesforce
developer limits, "Bulk API and Bulk API 2.0").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Literal, overload

from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce.bulk import BulkJobs
from wagtail_salesforce.salesforce.by_bulk import ByBulk
from wagtail_salesforce.salesforce.by_rest import WINDOW, ByRest
from wagtail_salesforce.salesforce.collections import Record, api_name
from wagtail_salesforce.salesforce.given import as_headers, id_of, several_ids, several_records
from wagtail_salesforce.salesforce.orders import Order, in_order, windows
from wagtail_salesforce.salesforce.retry import Retry


Transport = Literal["auto", "rest", "bulk"]

#: With "auto", more records than this go by Bulk API 2.0.
MOST_BY_REST = 2000


class Writing(ByRest):
    """The writing half of the client.

    All four take one record or any number of them, also from a generator, which is read as it
    goes. For one record they return its RowResult, for several a list of them, in order: a
    record that Salesforce refuses is a result with `success` False and no exception.

    `transport` is "auto", or "rest" or "bulk" for that one whatever the number: up to 200 records
    are one Collections call, up to 1,000 one Composite, and over 2,000 go by Bulk API 2.0 in jobs
    of up to 100,000. `headers` (such as `Sforce-Auto-Assign`) are for REST calls; with them "auto"
    never takes Bulk.

    An exception carries `results`: those of the records so far, in order. Where a part of a call
    was refused, its records have the refusal's code there.
    """

    #: Asked before a Bulk job is begun, with the API calls it takes; raises to forbid it.
    foresee: Callable[[int], None] | None = None

    @overload
    def insert(
        self,
        object_name: str,
        records: Record,
        *,
        transport: Transport = ...,
        headers: Mapping[str, str] | None = ...,
    ) -> RowResult: ...

    @overload
    def insert(
        self,
        object_name: str,
        records: Iterable[Record],
        *,
        transport: Transport = ...,
        headers: Mapping[str, str] | None = ...,
    ) -> list[RowResult]: ...

    def insert(
        self,
        object_name: str,
        records: Record | Iterable[Record],
        *,
        transport: Transport = "auto",
        headers: Mapping[str, str] | None = None,
    ) -> RowResult | list[RowResult]:
        """Create records.

        A call whose answer got lost is not repeated, because it might create them twice: use
        `upsert` where the object has an external id.
        """
        order = Order("insert", api_name(object_name), "", as_headers(headers))
        return self._one_or_many(order, records, transport)

    @overload
    def update(
        self,
        object_name: str,
        records: Record,
        *,
        transport: Transport = ...,
        headers: Mapping[str, str] | None = ...,
    ) -> RowResult: ...

    @overload
    def update(
        self,
        object_name: str,
        records: Iterable[Record],
        *,
        transport: Transport = ...,
        headers: Mapping[str, str] | None = ...,
    ) -> list[RowResult]: ...

    def update(
        self,
        object_name: str,
        records: Record | Iterable[Record],
        *,
        transport: Transport = "auto",
        headers: Mapping[str, str] | None = None,
    ) -> RowResult | list[RowResult]:
        """Change records, each with its `Id`. None clears a value; what is absent stays."""
        order = Order("update", api_name(object_name), "", as_headers(headers))
        return self._one_or_many(order, records, transport)

    @overload
    def upsert(
        self,
        object_name: str,
        external_id_field: str,
        records: Record,
        *,
        transport: Transport = ...,
        headers: Mapping[str, str] | None = ...,
    ) -> RowResult: ...

    @overload
    def upsert(
        self,
        object_name: str,
        external_id_field: str,
        records: Iterable[Record],
        *,
        transport: Transport = ...,
        headers: Mapping[str, str] | None = ...,
    ) -> list[RowResult]: ...

    def upsert(
        self,
        object_name: str,
        external_id_field: str,
        records: Record | Iterable[Record],
        *,
        transport: Transport = "auto",
        headers: Mapping[str, str] | None = None,
    ) -> RowResult | list[RowResult]:
        """Create or change records by the external id they hold."""
        names = api_name(object_name), api_name(external_id_field)
        return self._one_or_many(Order("upsert", *names, as_headers(headers)), records, transport)

    # A text is an iterable of texts, too; here it is one id.
    @overload
    def delete(  # type: ignore[overload-overlap]
        self, object_name: str, ids: str, *, transport: Transport = ...
    ) -> RowResult: ...

    @overload
    def delete(
        self, object_name: str, ids: Iterable[str], *, transport: Transport = ...
    ) -> list[RowResult]: ...

    def delete(
        self, object_name: str, ids: str | Iterable[str], *, transport: Transport = "auto"
    ) -> RowResult | list[RowResult]:
        """Move records to the recycle bin by their ids. Raises ValueError for the id of another
        object, where the object is one of the usual ones.

        ENTITY_IS_DELETED means gone already, perhaps by a try whose answer got lost.
        """
        order = Order("delete", api_name(object_name))
        if isinstance(ids, str):
            return self._one_or_many(order, {"Id": id_of(order.object_name, ids)}, transport)
        return self._one_or_many(order, several_ids(order.object_name, ids), transport)

    # How

    def _one_or_many(
        self, order: Order, records: Record | Iterable[Record], transport: Transport
    ) -> RowResult | list[RowResult]:
        if transport not in ("auto", "rest", "bulk"):
            raise ValueError(f'transport is "auto", "rest" or "bulk", not {transport!r}.')
        if transport == "bulk" and order.headers:
            raise ValueError("Headers are for REST calls: a Bulk job takes none.")
        if isinstance(records, Mapping):
            return self._write(order, several_records(order.object_name, [records]), transport)[0]
        return self._write(order, several_records(order.object_name, records), transport)

    def _write(
        self, order: Order, records: Iterator[Record], transport: Transport
    ) -> list[RowResult]:
        if transport == "auto":
            first = [] if order.headers else list(islice(records, MOST_BY_REST + 1))
            records = chain(first, records)
            transport = "bulk" if len(first) > MOST_BY_REST else "rest"
        if transport == "rest":
            parts = enumerate(windows(records, WINDOW))
            return in_order(self._send_window(order, part, n * WINDOW) for n, part in parts)
        # Each step of a job is repeated as a whole, so the calls below it are made once.
        jobs = BulkJobs(self._session, self._sf.base_url, Retry(1))
        return in_order(ByBulk(jobs, self._retry, order, self.foresee).write(records))
