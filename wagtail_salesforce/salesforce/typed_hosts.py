"""Login addresses as people paste them: out of the address bar, out of Setup, out of memory.

Salesforce help, "My Domain URL formats": the parts in front of the ending are the same in all
addresses of an organization, so that each of these leads to the one for logins and the API.
"""

from __future__ import annotations

import re

from wagtail_salesforce.salesforce.hosts import Address, parse_address


LOGIN_ENDING = ".my.salesforce.com"

#: Other endings of the same My Domain: Lightning Experience, and Setup.
_SAME_ORG = (".lightning.force.com", ".my.salesforce-setup.com", ".lightning.salesforce-setup.com")

_ONE_WORD = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.ASCII | re.IGNORECASE)
_QUOTES = "\"'<>“”‘’`"


def as_login_url(text: str) -> str:
    """The login address somebody means; what cannot be understood comes back as an address.

    The scheme may be missing, a path may follow, one word is taken for the name of a My Domain,
    and an address of Lightning or of Setup becomes that of the organization. Nothing is checked
    here: that is the task of `HostRules.check`.
    """
    text = text.strip().strip(_QUOTES).strip()
    if _ONE_WORD.fullmatch(text) and text.lower() != "localhost":
        text = f"{text}{LOGIN_ENDING}"
    url = text if not text or "://" in text else f"https://{text}"
    address = parse_address(url)
    return login_address(address) if address else url


def login_address(address: Address) -> str:
    """The origin to log in at, if the address is one of an organization's other ones."""
    for ending in _SAME_ORG:
        name = address.host.removesuffix(ending)
        if name != address.host and name and address.port is None:
            return f"https://{name}{LOGIN_ENDING}"
    is_salesforce = address.host.endswith(".salesforce.com")
    if address.scheme == "http" and is_salesforce and address.port is None:
        return f"https://{address.host}"
    return address.origin
