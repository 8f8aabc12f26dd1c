from __future__ import annotations

import pytest

from wagtail_salesforce.jobs import Step, register
from wagtail_salesforce.jobs.registry import _kinds


@pytest.fixture
def counting(monkeypatch):
    """A kind of job that counts to `parameters["to"]`, by twos; what it counted, in order."""
    monkeypatch.setattr("wagtail_salesforce.jobs.registry._kinds", dict(_kinds))
    counted: list[int] = []

    def count(job, cursor):
        start = cursor or 0
        end = min(start + 2, job.parameters["to"])
        counted.extend(range(start, end))
        if job.parameters.get("breaks_at") in range(start, end):
            raise ZeroDivisionError("secret@example.com")
        return Step(
            end, end - start, {"counted": end - start}, finished=end == job.parameters["to"]
        )

    told: list[str] = []
    register(
        "count",
        count,
        label="Counting",
        permission="wagtail_salesforce.view_run",
        failed=lambda job: told.append("failed"),
        cancelled=lambda job: told.append("cancelled"),
    )
    counted_and_told = type("Counting", (), {"numbers": counted, "told": told})
    return counted_and_told
