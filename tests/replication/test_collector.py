"""While a slice sends, the garbage collector leaves alone what was there before."""

from __future__ import annotations

import gc

import pytest

from tests.ready import make_contacts, ready, run
from wagtail_salesforce.replication.extensions import register_payload_hook, unregister_payload_hook


@pytest.fixture
def watched():
    """What a hook of the site sees of the collector while contacts pass through."""
    seen = []

    def watch(leads):
        seen.append((gc.get_freeze_count() > 10_000, gc.get_threshold()[0] >= 10_000))

    register_payload_hook(watch)
    yield seen
    unregister_payload_hook(watch)


@pytest.mark.django_db
def test_what_stays_is_left_alone_and_taken_up_again(org, watched):
    ready(org)
    make_contacts(1)
    before = gc.get_threshold()
    assert run().counts["created"] == 1
    assert watched == [(True, True)]
    assert (gc.get_freeze_count(), gc.get_threshold()) == (0, before)


@pytest.mark.django_db
def test_also_when_the_run_fails(org):
    def fail(leads):
        raise ZeroDivisionError

    ready(org)
    make_contacts(1)
    before = gc.get_threshold()
    register_payload_hook(fail)
    try:
        assert run().state == "stopped"
    finally:
        unregister_payload_hook(fail)
    assert (gc.get_freeze_count(), gc.get_threshold()) == (0, before)
