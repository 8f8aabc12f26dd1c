"""Bulk API 2.0 ingest: create a job, upload, close, look, fetch results, abort, delete.

Source: Bulk API 2.0 guide, "Create a Job" to "Abort a Job"; recorded answers of v60.
"""

from typing import Any

from werkzeug.formparser import parse_form_data

from .bulk_csv import write_csv
from .bulk_job import (
    ABORTED,
    DELETABLE,
    DELIMITERS,
    ENDED,
    LINE_ENDINGS,
    OPEN,
    RUNNING,
    UPLOADED,
    IngestJob,
)
from .bulk_work import work_on
from .errors import ApiError, not_found
from .ids import looks_like_id
from .moments import format_moment
from .routing import route
from .wire import Answer, Body, Call


OPERATIONS = frozenset({"insert", "update", "upsert", "delete"})
# Of a job's data, encoded in base64; 100 MB as they are.
MOST_BYTES = 150_000_000 * 3 // 4
MOST_BYTES_AT_ONCE = 100_000
CSV = "text/csv"


def create_job(call: Call) -> Answer:
    """POST …/jobs/ingest: a new job, with its data when the request has two parts."""
    content = None
    if _media_type(call) == "multipart/form-data":
        call.body, content = _parts(call)
    job = _read_job(call)
    call.org.data.jobs[job.id] = job
    if content is not None:
        job.content, job.state = content, UPLOADED
    return Answer(200, job.created_json())


def list_jobs(call: Call) -> Answer:
    """GET …/jobs/ingest: all jobs, in one page."""
    records = [job.info_json() for job in call.org.data.jobs.values()]
    return Answer(200, {"done": True, "nextRecordsUrl": None, "records": records})


def upload(call: Call, job_id: str) -> Answer:
    """PUT …/batches: the data, once."""
    job = _job(call, job_id)
    if job.state != OPEN or job.content is not None:
        raise _wrong_state(job)
    if _media_type(call) != CSV:
        # Assumption bulk-media-type: the same answer as for a wrong media type elsewhere.
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "Content type not specified")
    if len(call.body.raw) > MOST_BYTES:
        # Assumption bulk-too-large: status, code and text of an upload over 150 MB.
        raise ApiError(413, "EXCEEDEDQUOTA", "Exceeded maximum upload size of 150 MB")
    job.content = call.body.raw
    _stamp(call, job)
    return Answer(201)


def change_job(call: Call, job_id: str) -> Answer:
    """PATCH …/jobs/ingest/{id}: close the upload, or abort."""
    job = _job(call, job_id)
    wanted = call.json_object().get("state")
    if wanted == UPLOADED and job.state == OPEN:
        job.state = UPLOADED
    elif wanted == ABORTED and job.state not in ENDED:
        job.state = ABORTED
    else:
        raise _wrong_state(job)
    _stamp(call, job)
    return Answer(200, job.changed_json())


def show_job(call: Call, job_id: str) -> Answer:
    """GET …/jobs/ingest/{id}: how far it is."""
    job = _job(call, job_id)
    if job.state in (UPLOADED, RUNNING):
        work_on(job, call)
        _stamp(call, job)
    return Answer(200, job.info_json())


def delete_job(call: Call, job_id: str) -> Answer:
    """DELETE …/jobs/ingest/{id}: forget a job that has ended."""
    job = _job(call, job_id)
    if job.state not in DELETABLE:
        raise _wrong_state(job)
    del call.org.data.jobs[job.id]
    return Answer(204)


def successful(call: Call, job_id: str) -> Answer:
    """GET …/successfulResults: rows that were saved, in no particular order."""
    job = _ended(call, job_id)
    rows = [[id_, str(new).lower(), *cells] for id_, new, cells in reversed(job.succeeded)]
    return _csv(write_csv(("sf__Id", "sf__Created"), job.header, rows, job))


def failed(call: Call, job_id: str) -> Answer:
    """GET …/failedResults: rows that were refused, with the reason."""
    job = _ended(call, job_id)
    rows = [[id_, error, *cells] for id_, error, cells in reversed(job.failed)]
    return _csv(write_csv(("sf__Id", "sf__Error"), job.header, rows, job))


def unprocessed(call: Call, job_id: str) -> Answer:
    """GET …/unprocessedrecords: rows that the job never came to."""
    job = _ended(call, job_id)
    if not job.header:
        return _csv(job.content or b"")
    return _csv(write_csv((), job.header, job.rows[job.at :], job))


def _csv(body: bytes) -> Answer:
    return Answer(200, body, content_type=CSV)


def _media_type(call: Call) -> str:
    return (call.header("Content-Type") or "").partition(";")[0].strip().lower()


def _parts(call: Call) -> tuple[Body, bytes]:
    """The parts `job` and `content` of a request that creates and uploads at once."""
    from io import BytesIO

    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": call.header("Content-Type") or "",
        "CONTENT_LENGTH": str(len(call.body.raw)),
        "wsgi.input": BytesIO(call.body.raw),
    }
    _, form, files = parse_form_data(environ)
    parts = {name: text.encode() for name, text in form.items()}
    parts.update((name, file.read()) for name, file in files.items())
    if set(parts) != {"job", "content"} or len(parts["content"]) > MOST_BYTES_AT_ONCE:
        # Assumption bulk-multipart: the answer to other parts, or to data over 100,000 characters.
        raise ApiError(400, "INVALIDJOB", "InvalidJob : Invalid multipart request")
    return Body(parts["job"]), parts["content"]


def _read_job(call: Call) -> IngestJob:
    asked = call.json_object()
    operation, name = asked.get("operation"), asked.get("object")
    # Assumption bulk-invalid-job: code and texts, but that of the field that identifies nothing.
    if operation not in OPERATIONS:
        raise _invalid(f"Unsupported operation: {operation}")
    spec = call.org.schema.find(name) if isinstance(name, str) else None
    if spec is None or not spec.writeable:
        raise _invalid(f"Unable to find object: {name}")
    delimiter = _one_of(asked, "columnDelimiter", DELIMITERS, "COMMA")
    ending = _one_of(asked, "lineEnding", LINE_ENDINGS, "LF")
    _one_of(asked, "contentType", {"CSV": ""}, "CSV")
    now = format_moment(call.org.clock.now())
    return IngestJob(
        id=call.org.new_id("750"),
        object=spec.name,
        operation=operation,
        created_by=call.user_id,
        created=now,
        stamp=now,
        version=call.version,
        external_id_field=_external_id(call, asked, spec.name),
        assignment_rule_id=_assignment_rule(call, asked),
        delimiter=delimiter,
        line_ending=ending,
    )


def _external_id(call: Call, asked: dict[str, Any], name: str) -> str:
    if asked["operation"] != "upsert":
        return ""
    wanted = asked.get("externalIdFieldName")
    if not wanted:
        text = f"External ID was blank for {name}. An External ID must be specified for upsert."
        raise _invalid(text)
    field = call.object(name).find(str(wanted))
    if field is None or not (field.external_id or field.name == "Id"):
        raise _invalid(
            f"Field name provided, {wanted} does not match an External ID, Salesforce Id, or"
            f" indexed field for {name}"
        )
    return str(field.name)


def _assignment_rule(call: Call, asked: dict[str, Any]) -> str:
    wanted = asked.get("assignmentRuleId") or ""
    rule = call.org.options.assignment_rule
    if wanted and (rule is None or not looks_like_id(wanted) or wanted[:15] != rule["id"][:15]):
        raise _invalid(f"AssignmentRule not found: {wanted}")
    return str(wanted)


def _one_of(asked: dict[str, Any], name: str, known: dict[str, str], default: str) -> str:
    value = asked.get(name, default)
    if value not in known:
        raise _invalid(f"Unsupported {name}: {value}")
    return str(value)


def _job(call: Call, job_id: str) -> IngestJob:
    found = [job for job in call.org.data.jobs.values() if job.id[:15] == job_id[:15]]
    if not found or not looks_like_id(job_id):
        raise not_found()
    return found[0]


def _ended(call: Call, job_id: str) -> IngestJob:
    job = _job(call, job_id)
    if job.state not in ENDED:
        # Assumption bulk-results-early: results asked for too early are refused like a wrong state.
        raise _wrong_state(job)
    return job


def _stamp(call: Call, job: IngestJob) -> None:
    job.stamp = format_moment(call.org.clock.now())


def _invalid(text: str) -> ApiError:
    return ApiError(400, "INVALIDJOB", f"InvalidJob : {text}")


def _wrong_state(job: IngestJob) -> ApiError:
    # Assumption bulk-wrong-state: the text; the code is reported.
    return ApiError(400, "INVALIDJOBSTATE", f"InvalidJobState : Job is in state {job.state}")


BULK_ROUTES = (
    route("jobs/ingest", GET=list_jobs, POST=create_job),
    route("jobs/ingest/{job_id}", GET=show_job, PATCH=change_job, DELETE=delete_job),
    route("jobs/ingest/{job_id}/batches", PUT=upload),
    route("jobs/ingest/{job_id}/successfulResults", GET=successful),
    route("jobs/ingest/{job_id}/failedResults", GET=failed),
    route("jobs/ingest/{job_id}/unprocessedrecords", GET=unprocessed),
)
