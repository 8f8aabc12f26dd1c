"""The little HTML that the practice org's own pages need."""

from html import escape
from pathlib import Path

from .wire import HTML, Answer


STATIC = Path(__file__).parent / "static"
# The consent form leads on to the app's callback, so form-action stays open there.
POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"
OWN_FORMS = POLICY + "; form-action 'self'"


def page(title: str, body: str, *, status: int = 200, policy: str = OWN_FORMS) -> Answer:
    """A whole page with the practice org's look."""
    document = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)} · Practice org</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/practice/static/practice.css">
</head>
<body>
{body}
</body>
</html>
"""
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    return Answer(status, document, headers, HTML)


def hidden(name: str, value: str) -> str:
    """A hidden form field."""
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def button(action: str, label: str, name: str = "") -> str:
    """A form of one button; ``name`` tells it from others of the same label."""
    accessible = f' aria-label="{escape(name)}"' if name else ""
    address = f"/practice/actions/{escape(action)}"
    return f'<form method="post" action="{address}"><button{accessible}>{escape(label)}</button></form>'


def cell(label: str, html: str) -> str:
    """A table cell that knows its column, for the narrow layout."""
    return f'<td role="cell" data-label="{escape(label)}"><div>{html}</div></td>'


def stylesheet() -> Answer:
    """The one style sheet."""
    text = (STATIC / "practice.css").read_text(encoding="utf-8")
    headers = {"Cache-Control": "max-age=60", "X-Content-Type-Options": "nosniff"}
    return Answer(200, text, headers, "text/css; charset=utf-8")
