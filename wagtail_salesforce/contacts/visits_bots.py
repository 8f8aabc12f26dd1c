"""Which requests are no visits of people: crawlers, and browsers that load ahead."""

from __future__ import annotations

from functools import lru_cache

from crawlerdetect import CrawlerDetect
from django.http import HttpRequest


#: No browser of people names itself at such length, and searching it would take long.
LONGEST_AGENT = 400
AHEAD = {"prefetch", "prerender", "preview"}
AHEAD_HEADERS = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def is_crawler(request: HttpRequest) -> bool:
    """Whether the request comes from a crawler or another program, by its user agent."""
    return _is_crawler(request.headers.get("User-Agent", "")[: LONGEST_AGENT + 1])


@lru_cache(maxsize=1024)
def _is_crawler(agent: str) -> bool:
    if not agent.strip() or len(agent) > LONGEST_AGENT:
        return True
    return CrawlerDetect(user_agent=agent).is_crawler()


def is_ahead(request: HttpRequest) -> bool:
    """Whether the browser loads a page that nobody has asked for yet."""
    for header in AHEAD_HEADERS:
        words = request.headers.get(header, "").lower().replace(";", ",").split(",")
        if AHEAD & {word.strip() for word in words}:
            return True
    return False
