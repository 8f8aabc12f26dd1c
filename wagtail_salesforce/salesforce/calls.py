"""The base of all that the client does: single calls of the REST API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wagtail_salesforce.salesforce.org_session import OrgSession
from wagtail_salesforce.salesforce.retry import Retry


class Calls:
    """What reading, writing and batches have in common. Paths are below `/services/data/vXX.X/`."""

    api_version: str
    _sf: Any
    _session: OrgSession
    _retry: Retry

    def _call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        return self._sf.restful(path, method=method, data=body, headers=dict(headers or {}))

    def _get(self, path: str, params: dict[str, str] | None = None) -> Any:
        return self._retry.call(lambda: self._sf.restful(path, params))
