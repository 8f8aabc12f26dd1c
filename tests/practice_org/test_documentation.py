"""docs/practice-org.md says what there is, and names every assumption the code makes."""

import re
from dataclasses import fields
from pathlib import Path

from wagtail_salesforce import practice_org
from wagtail_salesforce.practice_org.control import PracticeOrg
from wagtail_salesforce.practice_org.faults import KINDS
from wagtail_salesforce.practice_org.options import Options


CODE = Path(practice_org.__file__).parent
PAGE = (CODE.parents[1] / "docs" / "practice-org.md").read_text(encoding="utf-8")


def section(title):
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_every_assumption_is_in_the_table_and_in_the_code():
    sources = "".join(path.read_text(encoding="utf-8") for path in CODE.glob("*.py"))
    in_code = set(re.findall(r"# .*?Assumption ([a-z0-9-]+):", sources))
    in_table = re.findall(r"^\| `([a-z0-9-]+)` \|", section("What it assumes"), re.MULTILINE)
    assert in_table == sorted(in_table)
    assert in_code == set(in_table)
    assert "Assumption:" not in sources


def test_every_fault_option_and_method_is_described():
    for kind in KINDS:
        assert f"`{kind}`" in section("Controls"), kind
    for option in fields(Options):
        assert f"`{option.name}`" in section("Controls"), option.name
    for name in vars(PracticeOrg):
        if not name.startswith("_") and name.islower():
            assert f"`{name}(" in section("In tests"), name
