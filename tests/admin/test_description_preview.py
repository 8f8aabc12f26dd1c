"""The lead description on the panel: names to insert, check, preview, and the check on saving."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.admin.people import client_of
from tests.admin.test_panel_settings import PANEL, errors_of, save
from tests.ready import PLAIN, make_contacts, ready
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings


pytestmark = pytest.mark.django_db

DESCRIPTION = {"source": "custom", "name": "lead_description"}
# Works for every sample of a value, and not for words in the notes.
FAILING = "{{ contact.notes|default:0|divisibleby:2 }}"
SETTINGS, SEEING = "change_replicationsettings", "view_contact"


@pytest.fixture
def client(db):
    return client_of(SETTINGS, SEEING)


def url():
    return reverse("wagtail_salesforce:description_preview")


def ask(client, template="", contact="", mapping="", **headers):
    data = {"lead_description": template, "description-contact": contact, "mapping": mapping}
    headers = headers or {"x-requested-with": "XMLHttpRequest"}
    return client.post(url(), data, headers=headers)


def text_of(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_all_fields_and_attributes_stand_there_to_be_inserted(client):
    Attribute.objects.create(name="licences", label="Licences <wanted>", type="integer")
    page = client.get(PANEL).content.decode()
    for name in ("contact.last_name", "contact.last_activity_at", "attributes.licences"):
        assert f"<code>{{{{ {name} }}}}</code>" in page
        assert f'data-ws-insert="{{{{ {name} }}}}"' in page
    assert "Licences &lt;wanted&gt;" in page and "Whole number" in page
    assert page.index("Contact fields</h3>") < page.index("Attributes</h3>")


def test_no_heading_without_attributes(client):
    assert "Attributes</h3>" not in client.get(PANEL).content.decode()


def test_every_name_that_is_offered_may_be_saved(client):
    for kind in ("text", "integer", "boolean", "date", "datetime", "choice", "float", "decimal"):
        Attribute.objects.create(name=f"an_{kind}", label=kind, type=kind)
    groups = client.get(PANEL).context["insertable_groups"]
    names = [item.text for group in groups for item in group.items]
    assert len(names) > 25
    assert save(client, lead_description=" ".join(names)).status_code == 302


def test_the_preview_shows_text_length_and_what_is_cut_off(client, org):
    settings = ready(org, fields={**PLAIN, "Title": DESCRIPTION, "Description": DESCRIPTION})
    lead_describe()
    org.clear_calls()
    (contact,) = make_contacts(1, notes="<i>x</i>\r\nsecond line ", job_title="y" * 100)
    template = "{{ contact.notes|upper }} {{ contact.job_title }}{{ contact.job_title }}"
    page = text_of(ask(client, template, contact.email, str(settings.mapping_id)))
    assert "The template is correct." in page
    assert "&lt;I&gt;X&lt;/I&gt; SECOND LINE" in page and "223 characters." in page
    assert "<strong>Title</strong> takes 128 characters. The text is shortened to:" in page
    assert "takes 32,000 characters, so nothing is cut off." in page
    assert org.calls() == []


def test_the_length_counts_as_salesforce_may(client):
    make_contacts(1, city="😀 é")
    assert "4 characters." in text_of(ask(client, "{{ contact.city }}"))
    assert "1 character." in text_of(ask(client, "x"))


def test_an_empty_text_is_said(client, org):
    settings = ready(org, fields={**PLAIN, "Description": DESCRIPTION})
    make_contacts(1)
    lead_describe()
    page = text_of(ask(client, "{{ contact.notes }}", mapping=str(settings.mapping_id)))
    assert "The text is empty for this contact." in page and "stays empty, or is cleared." in page


def test_a_mapping_that_does_not_use_it_is_said(client, org):
    settings = ready(org)
    make_contacts(1)
    page = text_of(ask(client, "x", mapping=str(settings.mapping_id)))
    assert "No Lead field of the mapping takes the lead description" in page
    assert "Choose a mapping to see" in text_of(ask(client, "x"))
    assert "Choose a mapping to see" in text_of(ask(client, "x", mapping="9" * 40))


def test_before_any_organization_the_text_alone_is_shown(client):
    make_contacts(1)
    mapping = Mapping.objects.create(name="Leads", fields={"Description": DESCRIPTION})
    page = text_of(ask(client, "{{ contact.first_name }}", mapping=str(mapping.pk)))
    assert "For Ada Person 0:" in page and "3 characters." in page
    assert "have not been read yet. Open the mapping once" in page


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("Hello\r\n{{ contact.surname }}", "Line 2, character 1: There is no contact.surname. "
         "Did you mean contact.last_name?"),
        ("{{ contact.city", "A variable is not complete"),
        ("{% include 'x' %}", "nothing is loaded or included"),
        ("{{ contact.city|uper }}", "Did you mean “upper”?"),
        ("x" * 100_001, "The template is too long."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_once(client, template, words):
    make_contacts(1)
    page = text_of(ask(client, template))
    assert words in page and "correct" not in page and "Ada" not in page


def test_all_that_is_wrong_is_listed(client):
    page = text_of(ask(client, "{{ contact.a }} {{ contact.city|b }} }}"))
    assert page.count("Character ") == 3


def test_a_contact_that_the_template_fails_for_is_named(client):
    (contact,) = make_contacts(1, notes="personal")
    page = text_of(ask(client, "{{ contact.city }}" + FAILING))
    assert f"{FAILING} cannot be worked out for Ada Person 0" in page
    assert "personal" not in page and "correct" not in page


@pytest.mark.parametrize("contact", ["nobody@example.org", "#4711", "#" + "9" * 50, "\0", "#"])
def test_contacts_that_do_not_exist(client, contact):
    make_contacts(0)
    page = text_of(ask(client, "{{ contact.city }}", contact))
    assert "No contact has this e-mail address" in page or "There is no contact yet" in page
    assert "The template is correct." in page


def test_who_may_not_see_contacts_gets_the_check_alone():
    client = client_of(SETTINGS)
    (contact,) = make_contacts(1)
    page = text_of(ask(client, "{{ contact.email }}", contact.email))
    assert "The template is correct." in page and "person0" not in page and "For " not in page
    shown = client.get(PANEL).content.decode()
    assert "description-contact" not in shown and "Check</button>" in shown
    assert "description-contact" in client_of(SETTINGS, SEEING).get(PANEL).content.decode()


@pytest.mark.parametrize("held", [[SEEING], ["change_mapping", "run_replication", SEEING]])
def test_only_who_may_change_the_settings_may_try_them(held):
    client = client_of(*held)
    make_contacts(1)
    assert ask(client, "{{ contact.email }}").status_code == 403
    assert ask(client, "{{ contact.email }}", accept="text/html").url == "/admin/"
    assert client_of(SETTINGS).get(url()).status_code == 405


def test_without_a_script_the_answer_is_a_page(client):
    make_contacts(1)
    page = text_of(ask(client, "{{ contact.last_name }}", accept="text/html"))
    assert "<html" in page and "Person 0" in page and "Nothing is saved." in page


def test_nothing_is_stored_by_trying(client):
    before = ReplicationSettings.objects.filter(pk=ReplicationSettings.load().pk).values().get()
    ask(client, "{{ contact.city }}")
    assert ReplicationSettings.objects.values().get() == before


# On saving


def test_a_template_that_fails_for_a_real_contact_is_refused_by_name(client):
    make_contacts(3, notes="4")
    Contact.objects.filter(email="person1@example.org").update(notes="private")
    (error,) = errors_of(save(client, lead_description=FAILING))["lead_description"]
    assert error.startswith(f"{FAILING} cannot be worked out for Ada Person 1 (ValueError).")
    assert "default" in error and "private" not in error
    assert ReplicationSettings.load().lead_description != FAILING


def test_who_may_not_see_contacts_reads_a_number_instead():
    (contact,) = make_contacts(1, notes="private")
    (error,) = errors_of(save(client_of(SETTINGS), lead_description=FAILING))["lead_description"]
    assert f"for contact #{contact.pk} (" in error and "Ada" not in error


def test_a_template_that_stays_as_it_is_blocks_nothing(client):
    ReplicationSettings.load()
    ReplicationSettings.objects.update(lead_description=FAILING)
    make_contacts(1, notes="private")
    assert save(client, lead_description=FAILING, batch_size="100").status_code == 302


def test_a_value_that_is_not_of_its_type_is_not_the_templates_fault(client):
    Attribute.objects.create(name="licences", label="Licences", type="integer")
    make_contacts(1, attributes={"licences": "lots"})
    assert save(client, lead_description="{{ attributes.licences|add:1 }}").status_code == 302
