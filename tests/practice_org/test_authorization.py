"""Sessions, and what every call goes through before its handler."""

import gzip
import http.client
import json
import socket
from urllib.parse import urlsplit

import pytest

from tests.practice_org.api import COLLECTION, error, lead


NO_SESSION = {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}


def test_a_bad_missing_or_expired_token(org, api, oauth):
    for token in ("00Dwrong!x", None):
        response = oauth.with_token("/services/data/v66.0/limits", token)
        assert response.status_code == 401 and error(response) == NO_SESSION
    org.expire_tokens()
    response = api.get("/limits")
    assert response.status_code == 401 and error(response) == NO_SESSION
    assert org.calls(counted=True) == []


def test_another_kind_of_authorization(api):
    response = api.get("/limits", headers={"Authorization": "Basic YTpi"})
    assert response.status_code == 401
    assert error(response) == {
        "message": "INVALID_HEADER_TYPE",
        "errorCode": "INVALID_AUTH_HEADER",
    }


def test_a_token_without_the_api_scope(org, oauth):
    token = oauth.exchange(oauth.code(scope="id")).json()["access_token"]
    response = oauth.with_token("/services/data/v66.0/limits", token)
    assert response.status_code == 403 and error(response)["errorCode"] == "INVALID_SESSION_ID"


def test_a_connection_is_kept_for_the_next_call(org, api):
    address = urlsplit(org.url)
    connection = http.client.HTTPConnection(address.hostname, address.port)
    headers = {"Authorization": api.http.headers["Authorization"]}
    connection.request("GET", f"{api.root}/limits", headers=headers)
    first = connection.getresponse()
    first.read()
    kept = connection.sock
    body = json.dumps({"LastName": "Doe", "Company": "Acme"})
    headers["Content-Type"] = "application/json"
    connection.request("POST", f"{api.root}/sobjects/Lead/", body, headers)
    assert connection.getresponse().status == 201
    assert first.version == 11 and connection.sock is kept
    connection.close()


def test_a_chunked_body_is_read_in_full(org, api):
    body = json.dumps({"records": [lead("a")]}).encode()
    headers = {"Content-Type": "application/json"}
    pieces = (body[start : start + 7] for start in range(0, len(body), 7))
    response = api.call("PATCH", COLLECTION, data=pieces, headers=headers)
    assert response.json()[0]["success"]
    assert api.get("/limits").status_code == 200


def test_gzip_both_ways(api):
    body = gzip.compress(json.dumps({"records": [lead("a")]}).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert api.call("PATCH", COLLECTION, data=body, headers=headers).json()[0]["success"]
    described = api.get("/sobjects/Lead/describe")
    assert described.headers["Content-Encoding"] == "gzip" and described.json()["name"] == "Lead"
    plain = api.get("/sobjects/Lead/describe", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    broken = api.call("PATCH", COLLECTION, data=b"no gzip", headers=headers)
    assert broken.status_code == 400 and error(broken)["errorCode"] == "JSON_PARSER_ERROR"


def test_head_answers_like_get_without_a_body(api):
    response = api.call("HEAD", "/sobjects/Lead/describe")
    assert response.status_code == 200 and response.content == b""
    assert int(response.headers["Content-Length"]) > 1000


def test_a_media_type_that_is_not_json(api):
    for headers in ({"Content-Type": "text/xml"}, {"Content-Type": ""}):
        response = api.call("POST", "/sobjects/Lead", data=b"<x/>", headers=headers)
        assert response.status_code == 415
        assert error(response)["errorCode"] == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize(
    ("body", "start", "end"),
    [
        (b'{"LastName": }', "Unexpected character ('}' (code 125)): ", "at [line:1, column:14]"),
        (b'{"a": 1,\n"b" 2}', "Unexpected character ('2' (code 50)): ", "at [line:2, column:5]"),
        (b'{"LastName": "x"', "Unexpected end-of-input", "column:17]"),
        (b"", "Unexpected end-of-input", "column:1]"),
        (b'{"AnnualRevenue": NaN}', "Unexpected character ('N' (code 78)): ", "column:19]"),
        (b'{"LastName": "\xff"}', "Invalid UTF-8 byte 0xff", "at [line:1, column:15]"),
    ],
)
def test_json_that_is_none(api, body, start, end):
    headers = {"Content-Type": "application/json"}
    response = api.call("POST", "/sobjects/Lead", data=body, headers=headers)
    assert response.status_code == 400
    assert error(response)["errorCode"] == "JSON_PARSER_ERROR"
    assert error(response)["message"].startswith(start)
    assert error(response)["message"].endswith(end)


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"5", b"true"])
def test_json_of_another_kind(api, body):
    headers = {"Content-Type": "application/json"}
    for path, method in (("/sobjects/Lead", "POST"), (COLLECTION, "PATCH"), ("/composite", "POST")):
        response = api.call(method, path, data=body, headers=headers)
        assert response.status_code == 400
        assert error(response)["errorCode"] == "JSON_PARSER_ERROR"


def test_too_long_a_uri_or_headers(api):
    assert api.get("/query?q=" + "x" * 16_400).status_code == 414
    long = {f"X-{number}": "y" * 4000 for number in range(5)}
    assert api.get("/limits", headers=long).status_code == 431


@pytest.mark.parametrize(
    "path",
    ["/services/apexrest/x", "/services/oauth2/nothing", "/services/", "/id/x", "/id/a/b/c"],
)
def test_unknown_services(oauth, path):
    response = oauth.with_token(path, None)
    assert response.status_code == 404 and error(response)["errorCode"] == "NOT_FOUND"


def test_garbage_never_yields_a_traceback(org):
    address = urlsplit(org.url)
    for garbage in (
        b"GET /services/data/v66.0/%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /services/oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"BREW /services/data/v66.0/limits HTTP/1.1\r\nHost: x\r\n\r\n",
        b"nonsense\r\n\r\n",
    ):
        with socket.create_connection((address.hostname, address.port), timeout=5) as client:
            client.sendall(garbage)
            client.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := client.recv(65536):
                answer += piece
        assert b"Traceback" not in answer and b" 500 " not in answer, answer
