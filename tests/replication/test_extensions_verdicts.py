"""A site's own code decides what a refusal of Salesforce means for a contact."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.ready import make_contacts, ready, run
from tests.testapp.extensions import as_it_was, fails
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.extensions import register_payload_hook
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.replication.verdicts import Verdict, register_verdict, unregister_verdict


pytestmark = pytest.mark.django_db(transaction=True)

State = LeadLink.State
RULE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"


@pytest.fixture(autouse=True)
def registered():
    with as_it_was():
        yield


@pytest.fixture
def refused(org):
    """A link that the organization's rule will refuse, beside one that it will not."""
    ready(org)
    Contact.objects.create(email="good@example.org", last_name="Good")
    contact = Contact.objects.create(email="ada@example.org", last_name="Lovelace")
    link = LeadLink.objects.get(contact=contact)
    refuse(org, link)
    return link


def refuse(org, link, code=RULE, **settings):
    message = settings.pop("message", "The territory of Lovelace is closed.")
    fault = {"code": code, "message": message, "external_ids": [link.external_id], **settings}
    org.fault("row_error", **fault)


def test_suspended_with_words_of_the_sites_own(org, refused):
    @register_verdict(RULE)
    def territory(given):
        assert (given.code, given.lead.contact_id) == (RULE, refused.contact_id)
        assert "Lovelace" in given.message
        return Verdict.suspend("The territory is closed.", code="TERRITORY")

    assert run().counts == {"created": 1, "suspended": 1}
    refused.refresh_from_db()
    assert (refused.state, refused.attempts) == (State.SUSPENDED, 1)
    assert (refused.last_error_code, refused.last_error_message) == (
        "TERRITORY",
        "The territory is closed.",
    )


def test_excluded_and_included_again_with_the_same_external_id(org, refused):
    judge = register_verdict(RULE)(lambda given: Verdict.exclude("Never this one."))
    assert run().counts == {"created": 1, "excluded": 1}
    found = LeadLink.objects.get(pk=refused.pk)
    assert (found.state, found.excluded_reason, found.due_at) == (State.EXCLUDED, "by_site", None)
    assert (found.last_error_code, found.last_error_message) == (RULE, "Never this one.")
    Contact.objects.get(pk=refused.contact_id).save()
    assert run().counts == {}
    unregister_verdict(judge)
    org.clear_faults()
    due.include(LeadLink.objects.filter(pk=refused.pk))
    assert run().counts == {"created": 1}
    found.refresh_from_db()
    assert (found.external_id, found.state) == (refused.external_id, State.REPLICATED)


def test_postponed_until_its_time_comes(org, refused):
    wait = timedelta(hours=12)
    register_verdict()(lambda given: Verdict.postpone("Later.", wait=wait))
    before = timezone.now()
    assert run().counts == {"created": 1, "postponed": 1}
    refused.refresh_from_db()
    assert (refused.state, refused.attempts, refused.last_error_message) == (State.NEW, 1, "Later.")
    assert before + wait <= refused.due_at <= timezone.now() + wait
    org.clear_faults()
    assert run().counts == {}
    with time_machine.travel(refused.due_at + timedelta(seconds=1)):
        assert run().counts == {"created": 1}


@pytest.mark.parametrize("wait", [None, timedelta(0), timedelta(days=-1)])
def test_postponed_for_a_minute_at_least(org, refused, wait):
    register_verdict()(lambda given: Verdict.postpone(wait=wait))
    run()
    refused.refresh_from_db()
    assert refused.due_at > timezone.now() + timedelta(seconds=50)
    assert len([call for call in org.calls(path="/composite") if call["rows"]]) == 1


def test_again_in_the_same_run(org):
    ready(org)
    make_contacts(3)
    link = LeadLink.objects.order_by("pk")[1]
    refuse(org, link, count=1)
    register_verdict(RULE)(lambda given: Verdict.again())
    org.clear_calls()
    assert run().counts == {"created": 3}
    assert [call["rows"] for call in org.calls(path="/composite")] == [3, 1]


def test_again_is_no_circle(org, refused):
    register_verdict(RULE)(lambda given: Verdict.again("The flow was busy.", code="FLOW_BUSY"))
    assert run().counts == {"created": 1, "postponed": 1}
    refused.refresh_from_db()
    assert (refused.state, refused.last_error_code) == (State.NEW, "FLOW_BUSY")
    assert refused.last_error_message == "The flow was busy."
    assert refused.due_at > timezone.now()
    assert [call["rows"] for call in org.calls(path="/composite")][-3:] == [2, 1, 1]


def test_none_leaves_it_to_the_next_one_and_then_to_the_usual_rules(org, refused):
    asked = []
    register_verdict("SOMETHING_ELSE")(lambda given: asked.append("other code"))
    register_verdict()(lambda given: asked.append("first"))
    register_verdict(RULE)(lambda given: asked.append("second"))
    assert run().counts == {"created": 1, "suspended": 1}
    assert asked == ["first", "second"]
    refused.refresh_from_db()
    assert refused.last_error_code == RULE


def test_the_contacts_values_leave_the_words(org, refused):
    register_verdict()(lambda given: Verdict.suspend(f"{given.message} Ask ada@example.org."))
    run()
    refused.refresh_from_db()
    assert "Lovelace" not in refused.last_error_message
    assert "ada@example.org" not in refused.last_error_message


@pytest.mark.parametrize("judge", [fails, lambda given: "suspend"])
def test_one_that_fails_suspends_its_contact_and_names_itself(org, refused, judge, caplog):
    register_verdict()(judge)
    assert run().counts == {"created": 1, "suspended": 1}
    refused.refresh_from_db()
    assert refused.last_error_code == "EXTENSION_FAILED"
    assert judge.__qualname__ in refused.last_error_message
    assert RULE in refused.last_error_message
    assert "ada@example.org" not in refused.last_error_message
    ours = [r.getMessage() for r in caplog.records if r.name == "wagtail_salesforce"]
    assert any(judge.__qualname__ in words for words in ours)
    assert "ada@example.org" not in "".join(ours)


def test_a_converted_lead_may_be_suspended_instead_of_excluded(org):
    ready(org)
    contact = Contact.objects.create(email="a@example.org", last_name="One")
    run()
    link = LeadLink.objects.get()
    org.convert(link.lead_id)
    contact.last_name = "Two"
    contact.save()
    register_verdict("CANNOT_UPDATE_CONVERTED_LEAD")(lambda given: Verdict.suspend("Ask sales."))
    assert run().counts == {"suspended": 1}
    link.refresh_from_db()
    assert (link.state, link.excluded_reason) == (State.SUSPENDED, "")


def test_a_row_that_spoils_its_whole_request_is_judged_when_it_is_alone(org):
    ready(org)
    make_contacts(20)

    @register_payload_hook
    def spoil(leads):
        for lead in leads:
            if lead.payload["LastName"] == "Person 7":
                lead.payload["NumberOfEmployees"] = "many"

    judged = []

    @register_verdict("JSON_PARSER_ERROR")
    def judge(given):
        judged.append(given.lead.payload["LastName"])
        return Verdict.exclude("Not a number.")

    assert run().counts == {"created": 19, "excluded": 1}
    assert judged == ["Person 7"]


@pytest.mark.parametrize("fault", ["storage_limit", "row_lock"])
def test_not_asked_about_what_concerns_the_organization_or_passes(org, fault):
    ready(org)
    make_contacts(2)
    register_verdict()(fails)
    org.fault(fault, count=1)
    run()
    org.clear_faults()
    run()
    assert len(org.leads()) == 2
    assert not LeadLink.objects.filter(state=State.SUSPENDED).exists()


def test_the_lead_page_shows_why_the_site_excluded_a_contact(org, refused, admin_client):
    from django.urls import reverse

    register_verdict()(lambda given: Verdict.exclude("Never this one."))
    run()
    url = reverse("wagtail_salesforce_contacts:inspect", args=[refused.contact_id])
    page = admin_client.get(url).content.decode()
    assert "Excluded by this site" in page
    assert "Never this one." in page
