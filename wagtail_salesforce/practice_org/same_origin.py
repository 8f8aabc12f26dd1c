"""Only this machine, and only the org's own pages, may work its controls."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from .errors import ApiError
from .org import Org


LOOPBACK_PEERS = frozenset({"127.0.0.1", "::1"})
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})


def check_local(peer: str, host: str) -> None:
    """Refuse another machine, and a foreign host name that was made to point here."""
    name = host.rpartition(":")[0] if ":" in host.rpartition("]")[2] else host
    if peer not in LOOPBACK_PEERS or name.lower() not in LOOPBACK_HOSTS:
        raise ApiError(403, "FORBIDDEN", "Only this machine may do that")


def check_same_origin(org: Org, headers: Mapping[str, str], *, required: bool) -> None:
    """Refuse a form that another site's page posts here."""
    source = headers.get("origin") or headers.get("referer")
    if source is None or source == "null":
        if required or source == "null":
            raise ApiError(403, "FORBIDDEN", "The request does not tell where it comes from")
        return
    if urlsplit(source).netloc != headers.get("host"):
        raise ApiError(403, "FORBIDDEN", "The request comes from another site")
