"""The client: everything the package, and a site's own code, says to Salesforce's REST API."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from simple_salesforce import Salesforce

from wagtail_salesforce.exceptions import ConnectorError
from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce.batch import Batches
from wagtail_salesforce.salesforce.bulk import BulkJobs
from wagtail_salesforce.salesforce.collections import Chunk
from wagtail_salesforce.salesforce.hosts import HostRules
from wagtail_salesforce.salesforce.limits import Usage
from wagtail_salesforce.salesforce.org_session import OrgSession
from wagtail_salesforce.salesforce.payload import decode
from wagtail_salesforce.salesforce.reading import Reading
from wagtail_salesforce.salesforce.retry import Retry, pause
from wagtail_salesforce.salesforce.soql import format_soql
from wagtail_salesforce.salesforce.writing import Writing


__all__ = ["Chunk", "RowResult", "SalesforceClient", "Usage", "format_soql"]


class SalesforceClient(Reading, Writing, Batches):
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
        rules = HostRules.of(allowed_hosts, allow_loopback)
        self.api_version = api_version
        #: In one form, so that clients of the same organization are known as such.
        self.instance_url = rules.check_bare(instance_url).origin
        #: Called when the client is closed.
        self.on_close: Callable[[], None] | None = None
        self._retry = Retry(tries, sleep=sleep)
        self._session = OrgSession(
            rules,
            self.instance_url,
            access_token,
            refresh=refresh,
            on_usage=on_usage,
            on_refused=on_refused,
            ca_bundle=ca_bundle,
        )
        self._sf = _simple_salesforce(self._session, self.instance_url, api_version)

    @property
    def usage(self) -> Usage | None:
        """The org's daily API calls by the last answer that told them."""
        return self._session.meter.usage

    @property
    def usage_at(self) -> datetime | None:
        """When an answer last told it."""
        return self._session.meter.told_at

    @property
    def calls(self) -> int:
        """HTTP calls made so far that count toward the org's allowance."""
        return self._session.meter.calls

    def set_guard(self, guard: Callable[[Usage | None, int], None]) -> None:
        """Ask this before every call that counts, repeats included; it raises to forbid it.

        It gets the usage as last told and the number of calls begun that it may not include.
        """
        self._session.meter.guard = guard

    def set_wording(self, wording: Callable[[ConnectorError], ConnectorError]) -> None:
        """Raise what this makes of an error of a call, instead of the error."""
        self._session.wording = wording

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
        if self.on_close:
            self.on_close()

    def __enter__(self) -> SalesforceClient:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


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
