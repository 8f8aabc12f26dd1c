"""The documentation holds what it promises: its links, its tables and its examples."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from django.core.management import get_commands

from wagtail_salesforce.conf import Conf
from wagtail_salesforce.config_document.shape import Document
from wagtail_salesforce.contacts.fields import FIELDS
from wagtail_salesforce.exceptions import REASONS


ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def text(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """The anchors of a page, as GitHub makes them from its headings."""
    headings = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


def test_every_reason_code_is_explained():
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", text("commands.md"), re.MULTILINE))
    explained = {code: rows.get(code) for code in REASONS}
    assert explained == {code: f"{reason.text} | {reason.cure}" for code, reason in REASONS.items()}


def test_every_setting_is_explained_with_its_default():
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| `(.+?)` \|", text("settings.md"), re.MULTILINE))
    defaults = Conf()
    assert rows == {
        item.name: json.dumps(value) if isinstance(value, str) else repr(value)
        for item in fields(Conf)
        for value in [getattr(defaults, item.name)]
    }


def test_every_command_is_explained():
    ours = {name for name, app in get_commands().items() if app == "wagtail_salesforce"}
    assert ours
    for name in ours:
        assert f"`{name}`" in text("commands.md")


def test_every_contact_field_is_named():
    for name in FIELDS:
        assert f"`{name}`" in text("commands.md")


def test_the_configuration_document_of_the_documentation_is_valid():
    examples = re.findall(r"```json\n(\{\n.*?)```", text("commands.md"), re.DOTALL)
    documents = [json.loads(example) for example in examples]
    assert len(documents) == 1
    Document.model_validate(documents[0])


def test_the_configuration_document_of_the_example_site_is_valid():
    path = ROOT / "example_site" / "demo" / "configuration.json"
    Document.model_validate_json(path.read_text(encoding="utf-8"))


SQLITE_OPTIONS = '"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL;",'


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "docs" / "tutorial.md"])
def test_who_installs_by_the_page_has_no_warning_on_sqlite(path):
    """The check of databases (W020 among them) runs only where one is named."""
    words = " ".join(path.read_text(encoding="utf-8").split())
    assert SQLITE_OPTIONS in words
    assert words.count("manage.py check") == words.count("manage.py check --database default") == 1
