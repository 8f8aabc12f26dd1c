"""The API versions the org speaks: the newest ten.

Source: REST guide, "List Available REST API Versions"; "API End-of-Life Policy".
"""

import re

from .errors import ApiError, not_found
from .wire import Answer, Call


OLDEST, NEWEST = 59, 68
RETIRED = range(21, 31)
SEASONS = ("Spring", "Summer", "Winter")
VERSION = re.compile(r"v(\d+)\.0", re.IGNORECASE | re.ASCII)


def label(number: int) -> str:
    """The release a version came with: 59 is Winter '24, 60 is Spring '24."""
    year, season = divmod(number - 60, 3)
    return f"{SEASONS[season]} '{24 + year + (season == 2)}"


def list_versions() -> Answer:
    """GET /services/data: open to all and not counted."""
    body = [
        {"label": label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in range(OLDEST, NEWEST + 1)
    ]
    return Answer(200, body)


def check_version(segment: str) -> str:
    """The version number of a path segment; 410 when it is retired, 404 when unknown."""
    match = VERSION.fullmatch(segment)
    number = int(match[1]) if match else 0
    if number in RETIRED:
        # Assumption gone-text: the text; status and code are announced in the end-of-life policy.
        raise ApiError(410, "GONE", f"API version {number}.0 is retired")
    if not OLDEST <= number <= NEWEST:
        raise not_found()
    return f"{number}.0"


def list_resources(call: Call) -> Answer:
    """GET /services/data/vXX.X: where things are."""
    names = ("sobjects", "query", "queryAll", "limits", "composite")
    body = {name: f"{call.root}/{name}" for name in names}
    body["identity"] = f"{call.org.base_url}/id/{call.org.options.org_id}/{call.user_id}"
    return Answer(200, body)
