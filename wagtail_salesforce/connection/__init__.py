"""The installation's one authorized access to one organization.

from wagtail_salesforce.connection import get_client
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from wagtail_salesforce.connection.session import get_client as get_client


def __getattr__(name: str) -> Any:
    # Late, because the models behind it cannot be loaded before Django's app registry.
    if name == "get_client":
        from wagtail_salesforce.connection.session import get_client

        return get_client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
