"""A Bulk API 2.0 ingest job: what it was asked, how far it is, and how answers show it.

Source: Bulk API 2.0 guide, "Create a Job", "Job States", "Get Information About an Ingest Job".
"""

from dataclasses import dataclass, field
from typing import Any


OPEN, UPLOADED, RUNNING = "Open", "UploadComplete", "InProgress"
COMPLETE, FAILED, ABORTED = "JobComplete", "Failed", "Aborted"
#: In these states nothing is processed any more, and the results may be fetched.
ENDED = frozenset({COMPLETE, FAILED, ABORTED})
#: A job may be deleted in these states only.
DELETABLE = ENDED | {UPLOADED}

DELIMITERS = {
    "COMMA": ",",
    "TAB": "\t",
    "SEMICOLON": ";",
    "PIPE": "|",
    "CARET": "^",
    "BACKQUOTE": "`",
}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


@dataclass
class IngestJob:
    """One job. Cells of `rows` are texts as uploaded; `at` says how many rows are done."""

    # Assumption bulk-memory: jobs live as long as the practice org's process, and not for seven days.
    id: str
    object: str
    operation: str
    created_by: str
    created: str
    version: str
    external_id_field: str = ""
    assignment_rule_id: str = ""
    delimiter: str = "COMMA"
    line_ending: str = "LF"
    state: str = OPEN
    stamp: str = ""
    error: str = ""
    content: bytes | None = None
    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    malformed: dict[int, str] = field(default_factory=dict)
    at: int = 0
    succeeded: list[tuple[str, bool, list[str]]] = field(default_factory=list)
    failed: list[tuple[str, str, list[str]]] = field(default_factory=list)

    def created_json(self) -> dict[str, Any]:
        """The answer to its creation, which has neither counters nor a type."""
        # Recorded: contentUrl has no leading slash there.
        below = f"services/data/v{self.version}/jobs/ingest/{self.id}/batches"
        return {**self.changed_json(), "contentUrl": below, **self._format()}

    def changed_json(self) -> dict[str, Any]:
        """The answer to a change of its state."""
        body: dict[str, Any] = {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.created_by,
            "createdDate": self.created,
            "systemModstamp": self.stamp,
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
        }
        if self.external_id_field:
            body["externalIdFieldName"] = self.external_id_field
        if self.assignment_rule_id:
            body["assignmentRuleId"] = self.assignment_rule_id
        return body

    def info_json(self) -> dict[str, Any]:
        """All about it; the processed rows include those that failed."""
        body = {
            **self.changed_json(),
            "jobType": "V2Ingest",
            **self._format(),
            "numberRecordsProcessed": len(self.succeeded) + len(self.failed),
            "numberRecordsFailed": len(self.failed),
            "retries": 0,
            "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0,
            "apexProcessingTime": 0,
        }
        return {**body, "errorMessage": self.error} if self.error else body

    def _format(self) -> dict[str, str]:
        return {"lineEnding": self.line_ending, "columnDelimiter": self.delimiter}
