"""The connection belongs to one site address, so that a copied database stops itself."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from wagtail_salesforce.connection.models import Connection


def site_url() -> str:
    """This installation's address: WAGTAILADMIN_BASE_URL, else the default site's; may be ""."""
    from wagtail.models import Site

    given = getattr(settings, "WAGTAILADMIN_BASE_URL", "") or ""
    if given:
        return str(given)[:255]
    site = Site.objects.filter(is_default_site=True).first()
    return site.root_url[:255] if site else ""


def site_matches(connection: Connection) -> bool:
    """Whether the connection was made under this installation's address.

    Only host, port and path count: a site that moves from http to https is the same site.
    """
    return not connection.site_url or _place(connection.site_url) == _place(site_url())


def confirm_site() -> None:
    """An editor says: this installation may use the connection from now on."""
    Connection.objects.filter(pk=Connection.load().pk).update(site_url=site_url())


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    host = parts.netloc.lower().removesuffix(":80").removesuffix(":443")
    return host, parts.path.rstrip("/")
