"""What the benchmarks of the replicator share: a site that is ready, and contacts that are due."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.benchmarks.harness import site
from tests.benchmarks.stub_org import stub_org


@contextmanager
def ready_site(latency: float = 0.0, job_seconds: float = 0.0) -> Iterator[str]:
    """A site that is connected, mapped and switched on; the address of the stub org it sends to.

    The fields are those of the practice org, which is gone by then: the stub org has none.
    """
    with site():
        from tests.ready import ready
        from wagtail_salesforce.connection.session import lead_describe
        from wagtail_salesforce.practice_org.control import PracticeOrg

        with PracticeOrg.start() as org:
            ready(org)
            lead_describe()
        with stub_org(latency, job_seconds) as url:
            send_to(url)
            yield url


def send_to(url: str) -> None:
    """Let the site send its leads to this org, whose usage is not known yet."""
    from wagtail_salesforce.connection.models import Connection

    row = Connection.load()
    row.instance_url, row.api_calls_used, row.api_calls_max = url, None, None
    row.save()


def due_contacts(count: int) -> None:
    """So many new contacts, all due, and no others; by the database itself where it can."""
    from django.db import connection

    from tests.ready import make_contacts
    from wagtail_salesforce.contacts.models import Contact
    from wagtail_salesforce.replication.models import LeadLink

    LeadLink.objects.all()._raw_delete("default")
    Contact.objects.all()._raw_delete("default")
    if connection.vendor == "postgresql":
        _seed(count)
    else:
        make_contacts(count, job_title="Director", business_phone="+44 20 1234", city="Leeds")


def _seed(count: int) -> None:
    from tests.benchmarks.seeding import seed_due_links, seed_plain_contacts, settle

    seed_plain_contacts(count)
    seed_due_links(count)
    settle()


def send_all(expected: int, batch_size: int = 1000) -> Any:
    """Replicate to the end, which must create so many leads."""
    from tests.ready import run
    from wagtail_salesforce.replication.models import ReplicationSettings

    ReplicationSettings.objects.update(batch_size=batch_size)
    result = run()
    assert result.counts["created"] == expected, result
    return result
