"""The examples of docs/extending.md about replication do what the page says."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.ready import PLAIN, ready, run
from tests.testapp.extensions import as_it_was
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.signals import threshold_crossed


pytestmark = pytest.mark.django_db(transaction=True)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "extending.md"
EXAMPLE = re.compile(r"^## (.+?)$|```python\n(.*?)```", re.MULTILINE | re.DOTALL)


def examples(heading):
    """The Python of one section, in the order of the page."""
    found, section = [], ""
    for title, code in EXAMPLE.findall(PAGE.read_text(encoding="utf-8")):
        section = title or section
        if code and heading in section:
            found.append(code)
    assert found, heading
    return found


def work_through(code, **names):
    """Run an example as a module of the site would."""
    names = {"__name__": "site_code", **names}
    exec(compile(code, str(PAGE), "exec"), names)
    return names


@pytest.fixture(autouse=True)
def registered():
    with as_it_was():
        yield


def ada(**values):
    values = {"email": "ada@example.org", "last_name": "Lovelace", "first_name": "Ada", **values}
    return Contact.objects.create(**values)


def last_names(org):
    return [lead["LastName"] for lead in org.leads()]


def test_choose_the_contacts(org):
    choose, again = examples("Choose the contacts")
    ready(org)
    work_through(choose)
    staff = ada(email="boss@example.com", last_name="Boss")
    ada()
    run()
    assert last_names(org) == ["Lovelace"]
    work_through(again, contact=staff)
    assert LeadLink.objects.get(contact=staff).due_at is not None


def test_payload_hooks(org):
    org.add_field("Lead", name="Region__c", label="Region", type="string", length=20)
    ready(org)
    work_through(*examples("payload hooks"))
    ada()
    ada(email="")
    assert run().counts == {"created": 1, "suspended": 1}
    assert org.leads()[0]["Region__c"] == "EMEA"
    assert "of no use to sales" in LeadLink.objects.get(lead_id="").last_error_message


def test_a_source(org):
    work_through(*examples("A source of your own"))
    ready(org, fields={**PLAIN, "Title": {"source": "custom", "name": "full_name"}})
    ada()
    run()
    assert org.leads()[0]["Title"] == "Ada Lovelace"


def test_a_converter(org):
    Attribute.objects.create(name="news", label="Newsletter", type="boolean")
    org.add_field("Lead", name="Newsletter__c", label="News", type="string", length=20)
    work_through(*examples("A converter of your own"))
    ready(org, fields={**PLAIN, "Newsletter__c": {"source": "attribute", "name": "news"}})
    ada(attributes={"news": False})
    run()
    assert org.leads()[0]["Newsletter__c"] == "Not subscribed"


def test_verdicts(org):
    ready(org)
    work_through(*examples("Decide what a refusal means"))
    contact = ada()
    code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    org.fault("row_error", code=code, message="The territory is closed till Monday.", count=1)
    run()
    link = LeadLink.objects.get(contact=contact)
    assert (link.state, link.last_error_message) == ("new", "The territory is closed.")
    assert link.due_at > timezone.now() + timedelta(hours=11)


def test_signals(org, capsys):
    kept = list(threshold_crossed.receivers)
    ready(org)
    names = work_through(*examples("Hear what happens"))
    ada()
    org.fault("api_disabled", count=1, path="/composite")
    run()
    assert capsys.readouterr().out == "1 leads wait: api_disabled\n"
    assert run().counts == {"created": 1}
    threshold_crossed.receivers[:] = kept
    assert names["count"]
