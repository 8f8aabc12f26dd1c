"""What the client reads: descriptions, queries, single records, limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext

from wagtail_salesforce.exceptions import CursorExpired, RequestRefused, Stopped, Transient
from wagtail_salesforce.salesforce.calls import Calls
from wagtail_salesforce.salesforce.collections import api_name, record_id
from wagtail_salesforce.salesforce.describe import ObjectDescribe
from wagtail_salesforce.salesforce.given import field_names
from wagtail_salesforce.salesforce.missing import object_not_there, record_not_there


Page = dict[str, Any]


class Reading(Calls):
    """The reading half of the client. Everything here may be repeated, and is."""

    def describe(self, object_name: str) -> ObjectDescribe:
        """The object's fields as the user of the token sees them (one API call).

        Raises RequestRefused("NOT_FOUND") for an object that the user does not see, and Transient for an answer that is no list of fields, so that it replaces no good one.
        """
        try:
            answer = self._get(f"sobjects/{api_name(object_name)}/describe")
        except RequestRefused as refused:
            if refused.code != "NOT_FOUND":
                raise
            raise object_not_there(object_name, refused) from None
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

        A page is fetched when its first record is asked for, so that who stops early pays no
        further call. Records of a subquery come whole, whatever pages they take.

        Build the text with `format_soql`, which quotes values safely. Raises RequestRefused,
        whose `position` is the place of a mistake, with the first record; CursorExpired when
        more than two days pass between two pages.
        """
        page = self._first_page(soql, include_deleted)
        while True:
            for record in page["records"]:
                self._complete(record)
                yield record
            if page.get("done", True):
                return
            page = self._next_page(page)

    def count(self, soql: str, *, include_deleted: bool = False) -> int:
        """How many records a query finds (one API call), best `SELECT COUNT() FROM …`.

        Raises ValueError for an aggregate query: it finds groups, and COUNT(Id) stands in one.
        """
        page = self._first_page(soql, include_deleted)
        total = page.get("totalSize")
        if not isinstance(total, int):
            raise Transient(gettext("Salesforce's answer could not be read."))
        if _holds_groups(page):
            raise ValueError(
                "The query is an aggregate one, such as of COUNT(Id) or with GROUP BY, which finds"
                " groups and no records. Use SELECT COUNT() to count, or read the groups by `query`."
            )
        return total

    def get(self, object_name: str, id: str, fields: Sequence[str] = ()) -> dict[str, Any]:
        """One record by its Salesforce id, with the given fields or all.

        Raises RequestRefused("NOT_FOUND") where there is none, and RequestRefused
        ("ENTITY_IS_DELETED") where it has been deleted.
        """
        names = ",".join(map(api_name, field_names(fields)))
        path = f"sobjects/{api_name(object_name)}/{record_id(id)}"
        try:
            record: dict[str, Any] = self._get(path, params={"fields": names} if names else None)
        except RequestRefused as refused:
            raise record_not_there(object_name, id, refused) from None
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

    # How

    def _first_page(self, soql: str, include_deleted: bool) -> Page:
        if not isinstance(soql, str):
            raise TypeError(f"soql is a text, a query, and not {type(soql).__name__}.")
        try:
            return _page(self._get("queryAll" if include_deleted else "query", {"q": soql}))
        except RequestRefused as refused:
            # REST guide, "Status Codes": an address takes 16,384 bytes, with the headers as many.
            if refused.status not in (414, 431):
                raise
            words = gettext(
                "The query is too long: Salesforce takes about 16,000 bytes, encoded for an"
                " address. Ask for less at a time."
            )
            raise RequestRefused(words, code="QUERY_TOO_LONG", status=refused.status) from None

    def _next_page(self, page: Page) -> Page:
        try:
            return _page(self._get(self._below_base(str(page.get("nextRecordsUrl")))))
        except RequestRefused as refused:
            if refused.code == "INVALID_QUERY_LOCATOR":
                raise CursorExpired from None
            raise

    def _complete(self, record: dict[str, Any]) -> None:
        """Fetch the later pages of child records, where a subquery found many."""
        for value in record.values():
            if isinstance(value, dict) and value.get("done") is False:
                page = value
                while not page.get("done", True):
                    page = self._next_page(page)
                    value["records"] += page["records"]
                value |= {"done": True, "nextRecordsUrl": None}

    def _below_base(self, url: str) -> str:
        """The rest of an address that an answer names, which must be within the same API."""
        base = f"/services/data/v{self.api_version}/"
        if not url.startswith(base):
            raise Stopped(
                gettext("Salesforce's answer names an address outside of its API."),
                code="host_not_allowed",
            )
        return url[len(base) :]


def _holds_groups(page: Page) -> bool:
    """Whether the records of a page are those of an aggregate query."""
    try:
        return bool(page["records"][0]["attributes"]["type"] == "AggregateResult")
    except (IndexError, KeyError, TypeError):
        return False


def _page(answer: Any) -> Page:
    if not isinstance(answer, dict) or not isinstance(answer.get("records"), list):
        raise Transient(gettext("Salesforce's answer could not be read."))
    return answer
