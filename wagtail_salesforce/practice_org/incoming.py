"""One HTTP request read in full, and the HTTP response that an answer becomes."""

import gzip
from dataclasses import dataclass
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request, Response

from .wire import Answer, split_query


LEAST_TO_PACK = 2048


@dataclass
class Incoming:
    """One HTTP request, read in full."""

    method: str
    uri: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes
    peer: str

    @property
    def form(self) -> dict[str, str]:
        """The fields of a posted form (nothing, for any other media type)."""
        media = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != "application/x-www-form-urlencoded":
            return {}
        return dict(parse_qsl(self.raw.decode("utf-8", "replace"), keep_blank_values=True))


def read_request(request: Request) -> Incoming:
    """Read everything at once, so that the connection can be kept for the next request."""
    uri = request.environ.get("REQUEST_URI") or request.full_path
    path, _, query = uri.partition("?")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Incoming(
        request.method,
        uri,
        path,
        split_query(query),
        headers,
        request.get_data(),
        request.remote_addr or "",
    )


def make_response(incoming: Incoming, answer: Answer) -> Response:
    # Source: REST guide, "Pretty Print Header".
    payload = answer.payload(pretty=incoming.headers.get("x-prettyprint") == "1")
    headers = dict(answer.headers)
    if len(payload) >= LEAST_TO_PACK and "gzip" in incoming.headers.get("accept-encoding", ""):
        payload = gzip.compress(payload, compresslevel=1)
        headers["Content-Encoding"] = "gzip"
    response = Response(payload, answer.status, content_type=answer.content_type)
    response.headers.update(headers)
    if incoming.method == "HEAD":
        response.headers["Content-Length"] = str(len(payload))
    return response
