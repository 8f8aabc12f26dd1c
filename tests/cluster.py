"""What the django-q2 cluster would do, done by the test."""

from __future__ import annotations

from django_q.models import OrmQ

from wagtail_salesforce import background


def work() -> int:
    """Run everything that is queued, and what that queues; how many tasks there were."""
    done = 0
    while queued := OrmQ.objects.order_by("pk").first():
        task = queued.task
        assert task["func"] in (background.perform, "wagtail_salesforce.background.perform")
        queued.delete()
        background.perform(*task["args"])
        done += 1
    return done
