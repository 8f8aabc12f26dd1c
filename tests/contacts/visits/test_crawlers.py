"""Programs are told from people."""

from __future__ import annotations

import pytest

from tests.contacts.visiting import FIREFOX, GOOGLEBOT
from wagtail_salesforce.contacts.visits_bots import is_ahead, is_crawler


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (FIREFOX, False),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
            False,
        ),
        (GOOGLEBOT, True),
        ("GPTBot/1.2", True),
        ("python-requests/2.32", True),
        ("Mozilla/5.0 HeadlessChrome/130.0", True),
        (" ", True),
    ],
)
def test_crawlers_are_told_by_their_user_agent(rf, agent, expected):
    assert is_crawler(rf.get("/", headers={"user-agent": agent})) is expected


def test_an_ordinary_request_is_not_ahead(rf):
    assert not is_ahead(rf.get("/"))
    assert not is_ahead(rf.get("/", headers={"purpose": "something"}))
    assert is_ahead(rf.get("/", headers={"sec-purpose": "Prefetch;anonymous-client-ip"}))
