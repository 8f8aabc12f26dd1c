"""Clients by the Django settings: API version, certificates, permitted hosts."""

from __future__ import annotations

from typing import Any

from wagtail_salesforce.conf import conf
from wagtail_salesforce.salesforce.client import SalesforceClient


def make_client(instance_url: str, access_token: str, **options: Any) -> SalesforceClient:
    """A client with this token; without `refresh` among the options it renews nothing.

    Raises AuthorizationFailed("host_not_allowed").
    """
    return SalesforceClient(
        instance_url=instance_url,
        access_token=access_token,
        api_version=conf().API_VERSION,
        ca_bundle=conf().CA_BUNDLE,
        allow_loopback=conf().ALLOW_LOOPBACK_ORG,
        allowed_hosts=conf().ALLOWED_HOSTS,
        **options,
    )
