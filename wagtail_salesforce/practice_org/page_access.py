"""What a site's panel asks for, on the web page and in the terminal. All of it is made up."""

from html import escape

from .org import Org
from .seed import CLIENT_ID, CLIENT_SECRET, PASSWORD, USERNAME


def access_section(org: Org) -> str:
    """The section with the values to type into the site and the login page."""
    values = (
        ("Address", org.base_url),
        ("Consumer key", CLIENT_ID),
        ("Consumer secret", CLIENT_SECRET),
        ("User name", USERNAME),
        ("Password", PASSWORD),
    )
    items = "".join(
        f"<div><dt>{name}</dt><dd><code>{escape(value)}</code></dd></div>" for name, value in values
    )
    return f"""
<section class="panel" aria-labelledby="access">
<h2 id="access">Connect a site to this org</h2>
<p>Enter the address, the key and the secret in your site, under <em>Organization access</em>, and
press <em>Authorize</em>. Log in here with the user name and the password. All of them are made up.</p>
<dl class="fields">{items}</dl>
</section>
"""


def access_lines() -> list[str]:
    """The same for the terminal, without the address."""
    return [
        f"Consumer key: {CLIENT_ID}",
        f"Consumer secret: {CLIENT_SECRET}",
        f"Log in as {USERNAME} with the password {PASSWORD}",
    ]
