"""The web page: what it shows, and its buttons."""

import re

import pytest

from tests.practice_org.api import KEY, lead


@pytest.fixture
def page(org, api):
    """Fetches the page and presses its buttons."""

    class Page:
        http = api.http

        def text(self, query=""):
            response = self.http.get(f"{org.url}/{query}")
            assert response.status_code == 200
            return response.text

        def press(self, action, headers=None, **form):
            address = f"{org.url}/practice/actions/{action}"
            given = {"Origin": org.url} if headers is None else headers
            return self.http.post(address, data=form, headers=given)

        def notice(self, action, **form):
            text = self.press(action, **form).text
            match = re.search(r'<p class="(?:notice|alert)" role="(\w+)">(.*?)</p>', text)
            return match and match.groups()

    return Page()


def test_an_empty_org(page):
    text = page.text()
    assert "No lead has arrived yet." in text and "Practice Org Ltd" in text
    assert text.startswith("<!doctype html>") and '<html lang="en">' in text


def test_it_says_how_to_connect_a_site(org, page):
    box = page.text().partition('<h2 id="access">Connect a site to this org</h2>')[2]
    values = re.findall(
        r"<dt>(.*?)</dt><dd><code>(.*?)</code></dd>", box.partition("</section>")[0]
    )
    assert values == [
        ("Address", org.url),
        ("Consumer key", org.CLIENT_ID),
        ("Consumer secret", org.CLIENT_SECRET),
        ("User name", org.USERNAME),
        ("Password", org.PASSWORD),
    ]


def test_leads_calls_and_the_allowance_are_shown(org, api, page):
    api.upsert(lead("k1", FirstName="Jo", Email="jo@x.example", Title="Dr", Licences__c=3000))
    org.set_allowance(max=1000, used=250)
    org.fault("server_error", count=1)
    api.get("/limits")
    text = page.text()
    for wanted in (
        "Jo Doe", "Acme", "jo@x.example", "Integration User", "Open - Not Contacted", "k1",
        "<dd>3000</dd>", "<dd>Dr</dd>", "1 lead.", "<strong>250</strong> of 1,000", "(25.0",
        "PATCH /services/data/v66.0/composite/sobjects/Lead/", "500 Internal Server Error",
        "server_error",
    ):  # fmt: skip
        assert wanted in text, wanted
    assert '<meter min="0" max="1000"' in text and 'value="250"' in text


def test_what_leads_hold_is_shown_escaped(api, page):
    api.upsert(lead("<b>", LastName='<script>alert("x")</script>', Company="A & B"))
    text = page.text('?q="><script>')
    assert "<script>" not in text
    text = page.text()
    assert "<script>" not in text and "&lt;script&gt;" in text and "A &amp; B" in text


def test_searching_and_paging(api, page):
    api.upsert(*(lead(f"k{n}", LastName=f"Person {n:03}") for n in range(60)))
    text = page.text()
    assert "60 leads." in text and "Page 1 of 3" in text and "Person 059" in text
    assert "Person 000" in page.text("?page=2") and "Page 3 of 3" in page.text("?page=99")
    text = page.text("?q=person+01")
    assert "10 of 60 leads found." in text and "Person 017" in text and "Person 020" not in text


def test_the_buttons_of_a_lead(org, api, page):
    [row] = api.upsert(lead("k1"))
    path = f"leads/{row['id']}"
    done = page.notice(f"{path}/change", field="Title", value="Dr")
    assert done == ("status", "Doe was changed.") and org.leads()[0]["Title"] == "Dr"
    page.notice(f"{path}/change", field="Newsletter__c", value="yes")
    page.notice(f"{path}/change", field="Licences__c", value="12")
    assert (org.leads()[0]["Newsletter__c"], org.leads()[0]["Licences__c"]) == (True, 12.0)
    assert page.notice(f"{path}/change", field="Licences__c", value="x")[0] == "alert"
    assert page.notice(f"{path}/change", field="Renewal_Date__c", value="soon")[0] == "alert"
    assert page.notice(f"{path}/change", field="Nope", value="x")[0] == "alert"
    assert page.notice(f"{path}/change", field="Email", value="x")[0] == "alert"
    assert page.notice(f"{path}/delete") == ("status", "Doe was deleted.")
    assert 'class="badge">deleted' in page.text()
    assert page.notice(f"{path}/undelete")[0] == "status"
    assert page.notice(f"{path}/convert") == ("status", "Doe was converted.")
    assert "converted" in page.text() and org.leads()[0]["IsConverted"]
    assert page.notice(f"{path}/convert") == ("alert", "cannot reference converted lead")
    assert page.notice(f"{path}/explode")[0] == "alert"
    assert page.notice("nothing")[0] == "alert"


def test_a_merged_lead_is_marked(org, api, page):
    one, two = api.upsert(lead("a"), lead("b"))
    org.merge(two["id"], into=one["id"])
    assert 'class="badge">merged' in page.text()


def test_the_switches(org, api, page):
    assert page.notice("allowance", max="10", used="3")[0] == "status"
    assert org.set_allowance() == {"max": 10, "used": 3}
    assert page.notice("allowance", max="many", used="3")[0] == "alert"
    assert page.notice("callbacks", callbacks="http://a/\n\n http://b/ \nhttp://a/")[0] == "status"
    assert org.options()["callbacks"] == ["http://a/", "http://b/"]
    page.notice("rules", duplicates="block", rotation="on")
    assert org.options()["duplicate_rule"] == {"match": ["Email"], "action": "block"}
    assert org.options()["rotation"] is True
    page.notice("rules", duplicates="off")
    assert org.options()["duplicate_rule"] is None and org.options()["rotation"] is False
    before = org.now()
    assert page.notice("clock", hours="1.5")[0] == "status"
    assert 5400 <= (org.now() - before).total_seconds() < 5430
    for hours in ("soon", "-1", "nan", "1e9"):
        assert page.notice("clock", hours=hours)[0] == "alert"


def test_faults_and_tokens(org, api, page):
    assert page.notice("faults", kind="server_error", count="2", path="/limits")[0] == "status"
    assert "server_error (2 more)" in page.text()
    assert api.get("/limits").status_code == 500
    assert page.notice("faults/clear")[0] == "status" and org.faults_armed() == 0
    assert page.notice("faults", kind="earthquake", count="1")[0] == "alert"
    page.press("tokens/expire")
    assert api.get("/limits").status_code == 401
    assert page.notice("tokens/revoke")[0] == "status"


def test_the_way_back_keeps_search_and_page(org, api, page):
    [row] = api.upsert(lead("k1"))
    referer = f"{org.url}/?q=doe&page=0"
    headers = {"Origin": org.url, "Referer": referer}
    response = page.press(f"leads/{row['id']}/delete", headers)
    assert response.url == referer and response.history[0].status_code == 303


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Referer": "http://evil.example/"}],
)  # fmt: skip
def test_buttons_work_from_the_page_only(org, page, headers):
    response = page.press("allowance", headers, max="1", used="1")
    assert response.status_code == 403
    assert org.set_allowance()["max"] == 15000


def test_a_foreign_host_name_gets_no_page(org, page):
    response = page.http.get(f"{org.url}/", headers={"Host": "evil.example:8800"})
    assert response.status_code == 403


def test_the_page_is_shut_to_scripts_and_frames(org, page):
    response = page.http.get(f"{org.url}/")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "<script" not in response.text and "style=" not in response.text
    style = page.http.get(f"{org.url}/practice/static/practice.css")
    assert style.headers["Content-Type"].startswith("text/css")
    assert "prefers-color-scheme: dark" in style.text


def test_unknown_pages(org, page):
    for path in ("/nothing", "/practice", "/practice/static/../app.py", "/practice/login"):
        assert page.http.get(org.url + path).status_code == 404


def test_the_encrypted_text_and_the_formula_are_shown(api, page):
    api.upsert(lead("k1", Secret_Note__c="passport", Score__c=99))
    text = page.text()
    assert "passport" in text and "<dd>High</dd>" in text and KEY in text
