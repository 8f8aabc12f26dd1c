"""The REST API: what happens to every call before and after its handler.

Source: REST guide, "Status Codes and Error Responses", "Authorization Through Connected Apps",
"Limit Info Header".
"""

from .bulk_ingest import BULK_ROUTES
from .composite import composite
from .errors import ApiError, RowErrors
from .limits import limits
from .resources import PART_ROUTES
from .routing import dispatch, route
from .tokens import Access
from .versions import check_version, list_resources, list_versions
from .wire import Answer, Call


ROUTES = (
    route("composite", POST=composite),
    route("limits", GET=limits),
    *BULK_ROUTES,
    *PART_ROUTES,
)
MOST_URI = 16_384
WRITING = frozenset({"POST", "PATCH", "PUT"})


def answer_rest(call: Call, segments: list[str], uri: str) -> tuple[Answer, bool]:
    """The answer to a call under /services/data, and whether it was counted."""
    if len(segments) == 2:
        return _open(call), False
    try:
        _check_size(call, uri)
        call.version = check_version(segments[2])
        call.session = _authenticate(call)
    except ApiError as refused:
        return Answer(refused.status, refused.body()), False
    return _counted(call, segments[3:])


def _open(call: Call) -> Answer:
    if call.method in ("GET", "HEAD"):
        return list_versions()
    text = f"HTTP Method '{call.method}' not allowed. Allowed are GET,HEAD"
    error = ApiError(405, "METHOD_NOT_ALLOWED", text)
    return Answer(error.status, error.body())


def _check_size(call: Call, uri: str) -> None:
    # Assumption uri-too-long: codes and texts of both; the statuses and sizes are documented.
    if len(uri) > MOST_URI:
        raise ApiError(414, "URI_TOO_LONG", "The URI is longer than 16,384 bytes")
    size = len(uri) + sum(len(name) + len(text) + 4 for name, text in call.headers.items())
    if size > MOST_URI:
        text = "The URI and the headers are longer than 16,384 bytes"
        raise ApiError(431, "REQUEST_HEADER_FIELDS_TOO_LARGE", text)


def _authenticate(call: Call) -> Access:
    header = call.header("Authorization")
    if header is None:
        # Assumption no-token: no token at all reads like an expired one.
        raise _no_session()
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise ApiError(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
    org = call.org
    idle = org.options.session_minutes * 60
    now = org.clock.timestamp()
    session = org.tokens.session(token.strip(), org.options.org_id, now, idle)
    if session is None or org.user(session.user_id) is None:
        raise _no_session()
    if "api" not in session.scopes and "full" not in session.scopes:
        # Assumption no-api-scope: status and text for a session without the api scope.
        text = "This session is not valid for use with the REST API"
        raise ApiError(403, "INVALID_SESSION_ID", text)
    return session


def _no_session() -> ApiError:
    return ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")


def _counted(call: Call, segments: list[str]) -> tuple[Answer, bool]:
    org = call.org
    now = org.clock.timestamp()
    # Assumption refused-not-counted: a call refused for want of allowance is not itself counted.
    counted = org.allowance.remaining(now) > 0 or _may_overshoot(call)
    if counted:
        org.allowance.spend(now)
        answer = _handle(call, segments)
    else:
        text = "TotalRequests Limit exceeded."
        refused = ApiError(403, "REQUEST_LIMIT_EXCEEDED", text)
        answer = Answer(refused.status, refused.body())
    # Assumption limit-info-on-errors: every authenticated call tells the usage, refused ones too.
    usage = org.allowance.limit_info(now)
    if org.options.per_app_usage is not None:
        usage += f"; per-app-api-usage={org.options.per_app_usage}"
    answer.headers["Sforce-Limit-Info"] = usage
    return answer, counted


def _may_overshoot(call: Call) -> bool:
    """Paid production orgs may go over softly; Developer Editions and sandboxes may not."""
    options = call.org.options
    return not options.sandbox and options.organization_type != "Developer Edition"


def _handle(call: Call, segments: list[str]) -> Answer:
    mark = call.org.tables.mark()
    try:
        _check_media_type(call)
        if not segments:
            return dispatch(call, ["resources"], (route("resources", GET=list_resources),))
        return dispatch(call, segments, ROUTES)
    except (ApiError, RowErrors) as refused:
        # What a call wrote before it was refused as a whole never was.
        call.org.tables.roll_back(mark)
        return Answer(refused.status, refused.body())


def _check_media_type(call: Call) -> None:
    if call.method not in WRITING or not call.body.raw:
        return
    media = (call.header("Content-Type") or "").partition(";")[0].strip().lower()
    if "/jobs/ingest" in call.path and media in ("text/csv", "multipart/form-data"):
        return
    if media != "application/json":
        # Assumption media-type: one text for a missing and for an unknown media type; XML is not spoken.
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "Content type not specified")
