"""A client for what the main thread asks itself and may wait long for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from wagtail_salesforce.replication.flights import holding_on
from wagtail_salesforce.replication.lease import HeldLease
from wagtail_salesforce.salesforce.client import SalesforceClient
from wagtail_salesforce.salesforce.describe import ObjectDescribe


@dataclass(frozen=True)
class Patient:
    """Holds the lease while a slow org answers, tries and token included."""

    client: SalesforceClient
    lease: HeldLease

    def describe(self, object_name: str) -> ObjectDescribe:
        """The object's fields, as the client reads them."""
        with ThreadPoolExecutor(1, thread_name_prefix="salesforce") as pool:
            return holding_on(pool, partial(self.client.describe, object_name), self.lease.renew)
