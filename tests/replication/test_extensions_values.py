"""Sources and converters of a site's own, from the mapping's editor to the lead."""

from __future__ import annotations

import pytest

from tests.ready import PLAIN, ready, run
from tests.testapp.extensions import as_it_was, fails
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.mapping.choices import source_choices
from wagtail_salesforce.mapping.compile import compile_mapping
from wagtail_salesforce.mapping.converters import register_converter, unregister_converter
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.mapping.preview import preview
from wagtail_salesforce.mapping.sources import register_source
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.replication.preflight import attribute_types
from wagtail_salesforce.replication.walk import context_of


pytestmark = pytest.mark.django_db(transaction=True)

CITY = {**PLAIN, "City": {"source": "field", "name": "city"}}
NEWS = {**PLAIN, "City": {"source": "attribute", "name": "news"}}


@pytest.fixture(autouse=True)
def registered():
    with as_it_was():
        yield


def ada(**values):
    return Contact.objects.create(
        email="ada@example.org", first_name="Ada", last_name="Lovelace", **values
    )


def only_lead(org):
    [lead] = org.leads()
    return lead


def in_words(value):
    return None if value is None else "Subscribed" if value else "Not subscribed"


def test_a_source_of_the_sites_own(org):
    register_source("full", label="Full name", needs=["first_name", "last_name"])(
        lambda first, last: f"{first} {last}"
    )
    ready(org, fields={**PLAIN, "City": {"source": "custom", "name": "full"}})
    ada()
    assert run().counts == {"created": 1}
    assert only_lead(org)["City"] == "Ada Lovelace"


def test_a_source_that_fails_suspends_its_contact_and_no_other(org):
    register_source("full", label="Full name", needs=["first_name"])(
        lambda first: fails() if first == "Ada" else first
    )
    ready(org, fields={**PLAIN, "City": {"source": "custom", "name": "full"}})
    contact = ada()
    Contact.objects.create(email="b@example.org", first_name="Bob", last_name="Two")
    assert run().counts == {"created": 1, "suspended": 1}
    link = LeadLink.objects.get(contact=contact)
    assert link.last_error_code == "SOURCE_FAILED"
    assert "KeyError" in link.last_error_message
    assert "ada@example.org" not in link.last_error_message


@pytest.mark.parametrize(("value", "sent"), [("leeds", "LEEDS"), ("", None), ("x" * 40, "X" * 40)])
def test_a_converter_comes_before_the_usual_conversion(org, value, sent):
    register_converter("City")(str.upper)
    ready(org, fields=CITY)
    ada(city=value)
    assert run().counts == {"created": 1}
    assert only_lead(org)["City"] == sent


def test_what_a_converter_answers_is_shortened_as_any_value(org):
    register_converter("City")(lambda value: value * 10)
    ready(org, fields=CITY)
    contact = ada(city="Lübeck")
    assert run().counts == {"created": 1}
    assert only_lead(org)["City"] == ("Lübeck" * 10)[:40]
    assert contact.activities.filter(type="lead_shortened").exists()


def test_a_converter_lets_other_types_fill_a_field(org):
    Attribute.objects.create(name="news", label="Newsletter", type="boolean")
    settings = ready(org, fields=NEWS)
    contact = ada(attributes={"news": True})
    lead_describe()
    assert run().reason == "mapping_broken"
    register_converter("City", takes=["boolean"])(in_words)
    assert run().counts == {"created": 1}
    assert only_lead(org)["City"] == "Subscribed"
    rows = preview(
        settings.mapping, lead_describe(), context_of(settings), attribute_types(), contact
    )
    [row] = [row for row in rows if row.field == "City"]
    assert (row.source_value, row.value, row.problems) == (True, "Subscribed", ())


def test_the_editor_offers_what_the_converter_takes(org):
    ready(org)
    field = lead_describe().fields["City"]
    plain = str(source_choices(field, []))
    assert "field:birthday" not in plain and "field:city" in plain
    register_converter("City", takes=["date"])(str)
    assert "field:birthday" in str(source_choices(field, []))
    assert "field:city" not in str(source_choices(field, []))


def test_a_converter_that_fails_suspends_its_contact_and_names_itself(org):
    register_converter("City")(fails)
    ready(org, fields=CITY)
    contact = ada(city="Leeds")
    assert run().counts == {"suspended": 1}
    link = LeadLink.objects.get(contact=contact)
    assert link.last_error_code == "CONVERTER_FAILED"
    assert "tests.testapp.extensions.fails" in link.last_error_message
    assert "KeyError" in link.last_error_message
    assert "ada@example.org" not in link.last_error_message
    unregister_converter("City")
    contact.save()
    assert run().counts == {"created": 1}


def test_a_constant_is_sent_as_the_editor_wrote_it(org):
    register_converter("City")(str.upper)
    ready(org, fields={**PLAIN, "City": {"source": "constant", "value": "Leeds"}})
    ada()
    run()
    assert only_lead(org)["City"] == "Leeds"


def test_a_wrong_answer_of_a_converter_is_a_refusal_and_no_crash(org):
    register_converter("City")(lambda value: {"city": value})
    ready(org, fields=CITY)
    ada(city="Leeds")
    assert run().counts == {"suspended": 1}
    assert LeadLink.objects.get().last_error_code == "INVALID_TYPE_ON_FIELD_IN_RECORD"


def test_one_converter_for_a_field_and_known_types_only():
    register_converter("City")(str.upper)
    with pytest.raises(ValueError, match="already"):
        register_converter("City")(str.lower)
    with pytest.raises(ValueError, match="colour"):
        register_converter("Title", takes=["colour"])


def test_the_key_of_a_mapping_knows_its_converters(org):
    settings = ready(org, fields=CITY)

    def key():
        mapping = Mapping.objects.get(pk=ReplicationSettings.load().mapping_id)
        return compile_mapping(mapping, lead_describe(), context_of(settings), {}).key

    before = key()
    register_converter("City", takes=[FieldType.TEXT])(str.upper)
    assert key() != before
