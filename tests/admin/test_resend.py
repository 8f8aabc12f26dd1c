"""After a change the editor chooses whether contacts with a lead go again."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.admin.mapping_pages import edit_url, form_of, sent
from tests.admin.people import client_of, messages_of, person
from tests.admin.test_panel_settings import values
from tests.ready import PLAIN, make_contacts, ready, run
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.again import decided, is_asked
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings


pytestmark = pytest.mark.django_db

PANEL = "/admin/salesforce/"
RESEND = f"{PANEL}resend/"
RIGHTS = ("change_mapping", "change_replicationsettings", "run_replication")


@pytest.fixture
def site(org):
    """Connected and mapped, with 250 contacts. Three of them have no lead that may be written."""
    settings = ready(org, batch_size=100)
    decided(settings)
    make_contacts(250)
    LeadLink.objects.update(state="replicated", due_at=None, lead_id="00Q000000000001AAA")
    first = list(LeadLink.objects.order_by("pk").values_list("pk", flat=True)[:3])
    LeadLink.objects.filter(pk=first[0]).update(state="suspended")
    LeadLink.objects.filter(pk=first[1]).update(state="excluded")
    LeadLink.objects.filter(pk=first[2]).update(state="new", lead_id="")
    return org


@pytest.fixture
def client(site):
    return client_of(*RIGHTS)


def mapping() -> Mapping:
    return Mapping.objects.get(name="Leads")


def save_mapping(client, **changes):
    form = form_of(client.get(edit_url(mapping())))
    return client.post(edit_url(mapping()), sent(form) | changes)


def save_settings(client, **changes):
    return client.post(PANEL, values(**changes))


def answer(client, choice, **changes):
    page = client.get(RESEND)
    key = re.search(r'name="key" value="(\w*)"', page.content.decode())[1]
    return client.post(RESEND, {"choice": choice, "key": key} | changes, follow=True)


def due_now() -> int:
    return LeadLink.objects.filter(due_at__isnull=False).count()


def test_a_changed_mapping_leads_to_the_question_with_its_price(client, site):
    response = save_mapping(client, **{"source-Fax": "field:mobile_phone"})
    assert response.url == f"{RESEND}?from=mapping"
    page = client.get(response.url).content.decode()
    assert 'data-count="contacts">248<' in page
    assert 'data-count="calls">3<' in page
    assert "Leave them as they are" in page
    assert due_now() == 1, "the suspended one, whom saving brings back"


def test_the_price_follows_the_batch_size(client, site):
    ReplicationSettings.objects.update(batch_size=20)
    assert 'data-count="calls">13<' in client.get(RESEND).content.decode()


def test_sending_marks_exactly_so_many_and_goes_back_to_the_mapping(client, site):
    url = save_mapping(client, **{"source-Fax": "field:mobile_phone"}).url
    LeadLink.objects.update(due_at=None)
    key = client.get(url).context["key"]
    response = client.post(url, {"choice": "send", "key": key}, follow=True)
    assert response.redirect_chain[0][0] == edit_url(mapping())
    assert "248 contacts go again" in messages_of(response)[0]
    assert due_now() == 248
    assert not is_asked(ReplicationSettings.load())
    entry = ModelLogEntry.objects.get(action="wagtail_salesforce.resend")
    assert entry.data == {"contacts": 248}


def test_leaving_them_marks_nobody_and_asks_no_more(client, site):
    save_mapping(client, **{"source-Fax": "field:mobile_phone"})
    LeadLink.objects.update(due_at=None)
    response = answer(client, "leave")
    assert "stay as they are" in messages_of(response)[0]
    assert due_now() == 0 and not is_asked(ReplicationSettings.load())
    assert "resend" not in warnings_on(client)
    assert save_mapping(client).url == edit_url(mapping()), "nothing has changed since"
    assert ModelLogEntry.objects.filter(action="wagtail_salesforce.leave_leads").exists()


def warnings_on(client):
    page = client.get(PANEL).content.decode()
    return re.findall(r'data-warning="(\w+)"', page)


def test_saving_without_a_change_asks_nothing(client, site):
    assert save_mapping(client).url == edit_url(mapping())
    assert save_mapping(client, name="Leads").url == edit_url(mapping())
    assert save_settings(client, batch_size="500").url == PANEL
    assert warnings_on(client) == []


@pytest.mark.parametrize(
    ("change", "asked"),
    [({"default_company_name": "Nobody"}, True), ({"lead_description": "Hello"}, False)],
)
def test_settings_that_the_mapping_writes_into_leads_ask_too(client, site, change, asked):
    response = save_settings(client, **change)
    assert response.url == (RESEND if asked else PANEL)


def test_another_mapping_in_use_asks_too(client, site):
    fields = {**PLAIN, "Fax": {"source": "field", "name": "mobile_phone"}}
    other = Mapping.objects.create(
        name="Other", fields=fields, external_id_field=mapping().external_id_field
    )
    assert save_settings(client, mapping=str(other.pk)).url == RESEND
    assert ReplicationSettings.load().mapping == other


def test_a_mapping_that_is_not_in_use_asks_nothing(client, site):
    other = Mapping.objects.create(
        name="Other", fields=PLAIN, external_id_field=mapping().external_id_field
    )
    form = form_of(client.get(edit_url(other)))
    data = sent(form) | {"source-Fax": "field:mobile_phone"}
    assert client.post(edit_url(other), data).url == edit_url(other)


def test_without_leads_nothing_is_asked(client, site):
    LeadLink.objects.update(state="new", lead_id="")
    response = save_mapping(client, **{"source-Fax": "field:mobile_phone"})
    assert response.url == edit_url(mapping())
    page = client.get(RESEND).content.decode()
    assert "nothing to send again" in page and 'name="choice"' not in page


def test_where_leads_are_never_updated_the_page_says_so_and_does_nothing(client, site):
    ReplicationSettings.objects.update(keep_leads_updated=False)
    response = save_mapping(client, **{"source-Fax": "field:mobile_phone"})
    assert response.url == edit_url(mapping())
    page = client.get(RESEND)
    assert "Keep leads updated" in page.content.decode()
    LeadLink.objects.update(due_at=None)
    data = {"choice": "send", "key": page.context["key"]}
    assert "not kept updated" in messages_of(client.post(RESEND, data, follow=True))[0]
    assert due_now() == 0


def test_pressing_twice_does_no_harm(client, site):
    save_mapping(client, **{"source-Fax": "field:mobile_phone"})
    LeadLink.objects.update(due_at=None)
    key = client.get(RESEND).context["key"]
    for _ in range(2):
        assert client.post(RESEND, {"choice": "send", "key": key}).url == PANEL
    assert due_now() == 248
    for _ in range(2):
        assert client.post(RESEND, {"choice": "leave", "key": key}).url == PANEL
    assert due_now() == 248, "who was marked stays marked"


def test_a_change_meanwhile_is_told_and_nothing_is_done(client, site):
    save_mapping(client, **{"source-Fax": "field:mobile_phone"})
    key = client.get(RESEND).context["key"]
    save_mapping(client_of(*RIGHTS), **{"source-Fax": "field:business_phone"})
    LeadLink.objects.update(due_at=None)
    for choice in ("send", "leave"):
        response = client.post(RESEND, {"choice": choice, "key": key}, follow=True)
        assert "changed meanwhile" in messages_of(response)[0]
        assert response.redirect_chain[0][0] == RESEND
    assert due_now() == 0 and is_asked(ReplicationSettings.load())


@pytest.mark.parametrize("data", [{}, {"choice": "nonsense"}, {"choice": "send", "key": "\0"}])
def test_answers_that_no_page_gives(client, site, data):
    LeadLink.objects.update(due_at=None)
    assert client.post(RESEND, data).url == RESEND
    assert due_now() == 0


def test_an_answer_from_another_site_is_refused(site):
    user = person(*RIGHTS)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    key = strict.get(RESEND).context["key"]
    LeadLink.objects.update(due_at=None)
    assert strict.post(RESEND, {"choice": "send", "key": key}).status_code == 403
    assert due_now() == 0


ALLOWED = [("change_mapping", "run_replication"), ("change_replicationsettings", "run_replication")]
REFUSED = [
    ("run_replication",),
    ("change_mapping", "change_replicationsettings"),
    ("authorize_connection", "view_run", "view_leadlink", "run_replication"),
]


@pytest.mark.parametrize("permissions", ALLOWED)
def test_who_may_run_and_change_what_is_written_may_decide(site, permissions):
    client = client_of(*permissions)
    LeadLink.objects.update(due_at=None)
    assert client.get(RESEND).status_code == 200
    answer(client, "send")
    assert due_now() == 247


@pytest.mark.parametrize("permissions", REFUSED)
def test_everybody_else_is_refused(site, permissions):
    client = client_of(*permissions)
    LeadLink.objects.update(due_at=None)
    key = client_of(*RIGHTS).get(RESEND).context["key"]
    for response in (client.get(RESEND), client.post(RESEND, {"choice": "send", "key": key})):
        assert response.status_code == 302 and response.url == reverse("wagtailadmin_home")
    assert due_now() == 0


def test_who_may_not_decide_is_told_what_happens_to_the_leads(site):
    client = client_of("change_mapping")
    response = save_mapping(client, **{"source-Fax": "field:mobile_phone"})
    assert response.url == edit_url(mapping())
    told = messages_of(client.get(response.url))
    assert any("Leads that exist keep what they have" in text for text in told)
    page = client.get(PANEL).content.decode()
    assert 'data-warning="resend"' in page and RESEND not in page
    assert "Ask somebody who may run replication" in page


def test_the_question_stays_on_the_panel_until_it_is_answered(client, site):
    save_mapping(client, **{"source-Fax": "field:mobile_phone"})
    page = client.get(PANEL).content.decode()
    assert 'data-warning="resend"' in page
    assert "248 leads still have the former values" in page and f'href="{RESEND}"' in page
    answer(client, "leave")
    assert warnings_on(client) == []


def test_the_page_can_be_opened_later_and_then_asks_nothing_to_leave(client, site):
    assert f'href="{RESEND}"' in client.get(PANEL).content.decode()
    page = client.get(RESEND).content.decode()
    assert "Send them again" in page and "Leave them as they are" not in page
    LeadLink.objects.update(due_at=None)
    answer(client, "send")
    assert due_now() == 247


@pytest.mark.parametrize("choice", ["send", "leave"])
def test_without_a_mapping_nothing_is_done(client, site, choice):
    ReplicationSettings.objects.update(mapping=None)
    page = client.get(RESEND).content.decode()
    assert "no mapping is chosen" in page and "#id_mapping" in page
    response = client.post(RESEND, {"choice": choice, "key": ""}, follow=True)
    [told] = messages_of(response)
    assert told.startswith("Nothing was done: no mapping is chosen.")


def test_what_today_may_not_be_enough_for_is_said(client, site):
    Connection.objects.update(api_calls_used=79, api_calls_max=100, api_calls_at=timezone.now())
    page = client.get(RESEND).content.decode()
    assert "Replication may still use 1 today." in page
    assert "may be more than the reserve leaves" in page


def test_the_page_counts_in_few_statements(client, site, django_assert_max_num_queries):
    client.get(RESEND)
    with django_assert_max_num_queries(20):
        client.get(RESEND)


@pytest.mark.django_db(transaction=True)
def test_from_the_change_to_the_leads(org):
    ready(org)
    make_contacts(3, mobile_phone="+44 1")
    run()
    client = client_of(*RIGHTS)
    url = save_mapping(client, **{"source-Fax": "field:mobile_phone"}).url
    assert run().counts == {}
    client.post(url, {"choice": "send", "key": client.get(url).context["key"]})
    assert run().counts == {"updated": 3}
    assert {lead["Fax"] for lead in org.leads()} == {"+44 1"}
