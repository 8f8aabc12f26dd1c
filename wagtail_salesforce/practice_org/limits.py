"""The limits resource.

Source: REST guide, "List Organization Limits".
"""

from typing import Any

from .wire import Answer, Call


# Assumption limits-figures: everything but the daily calls stands still at a Developer Edition's figures.
UNSPENT = {
    "ConcurrentAsyncGetReportInstances": 200,
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyStreamingApiEvents": 10_000,
    "DailyWorkflowEmails": 150,
    "DataStorageMB": 5,
    "FileStorageMB": 20,
    "HourlyTimeBasedWorkflow": 50,
    "MassEmail": 10,
    "SingleEmail": 15,
}


def limits(call: Call) -> Answer:
    """GET …/limits."""
    now = call.org.clock.timestamp()
    allowance = call.org.allowance
    body: dict[str, Any] = {
        name: {"Max": maximum, "Remaining": maximum} for name, maximum in UNSPENT.items()
    }
    body["DailyApiRequests"] = {
        "Max": allowance.maximum,
        "Remaining": allowance.remaining(now),
    }
    return Answer(200, dict(sorted(body.items())))
