"""The example site, through the door that visitors use: a server of its own over real HTTP.

The way from form to lead is `manage.py demo --once`; here the pages are looked at.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from bs4 import BeautifulSoup


ROOT = Path(__file__).resolve().parent.parent
MANAGE = ROOT / "example_site" / "manage.py"
PAGES = ["/", "/about/", "/contact/", "/quote/", "/white-paper/"]
FORMS = {"/contact/": 9, "/quote/": 11, "/white-paper/": 6}
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
DUMP = ["dumpdata", "website", "wagtailcore.site", "auth.user"]
PERSON = {"last_name": "Ægisdóttir", "e_mail": "thorunn@example.org"}


# Several commands in one process, for Django takes seconds to start.
SEVERAL = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
import django
from django.core.management import execute_from_command_line
django.setup()
done = []
for command in json.loads(sys.argv[1]):
    out, err, code = io.StringIO(), io.StringIO(), 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            execute_from_command_line(["manage.py", *command])
        except SystemExit as end:
            code = end.code or 0
    done.append([code, out.getvalue(), err.getvalue()])
print(json.dumps(done))
"""

# What stands at the end of a demonstration.
ADDRESSES = """
from django.conf import settings
from example_site.demo.performance import Demonstration
Demonstration(settings.VAR_DIR, (8000, 8800), keep=True, say=print)._say_addresses()
"""

COMMANDS = {
    "tables": ["migrate", "--verbosity=0"],
    "load": ["load_demo_data"],
    "before": DUMP,
    "load again": ["load_demo_data"],
    "after": DUMP,
    "migrations": ["makemigrations", "website", "wagtail_salesforce", "--check", "--dry-run"],
    "checks": ["check", "--fail-level=WARNING", "--database=default"],
    "addresses": ["shell", "--command", ADDRESSES],
}


@pytest.fixture(scope="module")
def var(tmp_path_factory):
    """A folder for the site's database."""
    return tmp_path_factory.mktemp("example_site")


@pytest.fixture(scope="module")
def made(var):
    """What the commands came to that make the site, and that are given on the finished one: exit
    code, output and errors."""
    given = [sys.executable, "-c", SEVERAL, json.dumps(list(COMMANDS.values()))]
    settings = {"DJANGO_SETTINGS_MODULE": "example_site.company.settings"}
    run = subprocess.run(
        given,
        env=environment(var) | settings,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert run.returncode == 0, run.stderr
    results = dict(zip(COMMANDS, json.loads(run.stdout), strict=True))
    for step in ("tables", "load"):
        assert results[step][0] == 0, results[step]
    return results


def environment(var: Path) -> dict[str, str]:
    left_out = ("DJANGO_SETTINGS_MODULE",)
    inherited = {key: value for key, value in os.environ.items() if key not in left_out}
    return {**inherited, "EXAMPLE_SITE_VAR": str(var)}


@pytest.fixture(scope="module")
def site(var, made):
    """The address of the running site."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    with (var / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, str(MANAGE), "runserver", "--noreload", address],
            env=environment(var),
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(f"http://{address}/", server)
            yield f"http://{address}"
        finally:
            server.terminate()
            server.wait(20)


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + 60
    while True:
        try:
            requests.get(url, timeout=10)
            return
        except requests.ConnectionError:
            assert server.poll() is None, "The server has ended."
            assert time.monotonic() < give_up, "The server does not answer."
            time.sleep(0.1)


def read(url: str) -> BeautifulSoup:
    response = requests.get(url, timeout=30)
    assert response.status_code == 200, url
    return BeautifulSoup(response.text, "html.parser")


@pytest.mark.parametrize("path", PAGES)
def test_page_has_one_heading_a_title_a_language_and_a_menu(site, path):
    page = read(site + path)
    assert len(page.find_all("h1")) == 1
    assert page.title.get_text().endswith("· Brambleworth")
    assert page.html["lang"] == "en-GB"
    menu = [link["href"] for link in page.select("nav a")]
    assert menu == ["/about/", "/white-paper/", "/quote/", "/contact/"]


@pytest.mark.parametrize("path", PAGES)
def test_everything_a_page_needs_comes_from_the_site(site, path):
    page = read(site + path)
    sources = [tag.get("href") for tag in page.find_all("link")]
    sources += [tag["src"] for tag in page.find_all(src=True)]
    assert {f"/static/website/{name}.css" for name in ("site", "pages", "forms")} <= set(sources)
    for source in sources:
        assert source.startswith("/static/")
        assert requests.get(site + source, timeout=30).status_code == 200


def test_stylesheets_have_light_and_dark_and_nothing_from_elsewhere(site):
    names = ("site", "pages", "forms")
    urls = [f"{site}/static/website/{name}.css" for name in names]
    sheets = [requests.get(url, timeout=30).text for url in urls]
    assert "prefers-color-scheme: dark" in sheets[0]
    assert not any("http" in css for css in sheets)


@pytest.mark.parametrize(("path", "count"), FORMS.items())
def test_every_field_of_a_form_has_a_label(site, path, count):
    form = read(site + path).find("form", class_="form")
    fields = [
        field
        for field in form.find_all(["input", "select", "textarea"])
        if field.get("type") != "hidden"
    ]
    assert len(fields) == count
    for field in fields:
        label = form.find("label", attrs={"for": field["id"]})
        assert label and label.get_text(strip=True)


def test_help_texts_belong_to_their_fields(site):
    form = read(f"{site}/quote/").find("form", class_="form")
    described = form.find(id="id_licences")["aria-describedby"].split()
    assert form.find(id=described[0]).get_text(strip=True)


def send(site: str, path: str, **typed: str) -> BeautifulSoup:
    """Fill in and send a form as a visitor does, with the token of the page."""
    with requests.Session() as session:
        page = BeautifulSoup(session.get(site + path, timeout=30).text, "html.parser")
        token = page.find("input", attrs={"name": "csrfmiddlewaretoken"})["value"]
        data = {"csrfmiddlewaretoken": token, **typed}
        response = session.post(site + path, data, timeout=30)
    assert response.status_code == 200
    return BeautifulSoup(response.text, "html.parser")


def test_a_sent_form_is_thanked_for(site):
    assert send(site, "/contact/", **PERSON, message="Góðan dag!").select("[data-form-received]")


def test_the_white_paper_opens_once_the_form_is_sent(site):
    assert "A full plan is a late plan" not in read(f"{site}/white-paper/").get_text()
    assert "A full plan is a late plan" in send(site, "/white-paper/", **PERSON).get_text()


def test_a_form_with_a_mistake_comes_back_with_what_was_typed(site):
    page = send(site, "/contact/", last_name="Ægisdóttir", e_mail="no address", message="Hæ")
    assert not page.select("[data-form-received]")
    field = page.find(id="id_e_mail")
    assert field["value"] == "no address"
    assert field["aria-invalid"] == "true"
    assert page.find(id="id_e_mail_error").get_text(strip=True)
    assert page.find(role="alert")


def test_loading_the_demo_data_again_changes_nothing(made):
    assert [made[step][0] for step in ("before", "load again", "after")] == [0, 0, 0]
    before, after = made["before"][1], made["after"][1]
    assert before and after == before


def test_migrations_are_complete(made):
    """Of the example site and of the package; they have just been run on SQLite, too."""
    code, out, err = made["migrations"]
    assert code == 0, out + err


def test_system_checks_find_nothing(made):
    code, _out, err = made["checks"]
    assert code == 0, err


def test_the_demonstration_says_where_key_and_secret_stand(made):
    code, out, err = made["addresses"]
    assert code == 0, err
    _, _, after = out.partition("The practice org   http://127.0.0.1:")
    assert "Its page has the consumer key and secret" in after.splitlines()[1]


@pytest.fixture(scope="module")
def telephone(browser):
    """A window as small as telephones have."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, has_touch=True)
    yield context.new_page()
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
def test_page_is_accessible_and_fits_a_small_telephone(site, telephone, path):
    from tests.axe import check_with_axe

    telephone.goto(site + path)
    check_with_axe(telephone)
    assert telephone.evaluate("document.documentElement.scrollWidth") <= 320
