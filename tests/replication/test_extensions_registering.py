"""What cannot work is refused when it is registered, in words that say what to do instead."""

from __future__ import annotations

from typing import TypeVar, get_args, get_type_hints

import pytest

from tests.ready import PLAIN, ready, run
from tests.testapp.extensions import as_it_was
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.mapping.converters import register_converter, unregister_converter
from wagtail_salesforce.mapping.sources import custom_sources, register_source
from wagtail_salesforce.replication.extensions import register_chooser, register_payload_hook
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.replication.verdicts import Verdict, register_verdict


RULE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"


@pytest.fixture(autouse=True)
def registered():
    with as_it_was():
        yield


def register_full_name(function):
    return register_source("full_name", label="Full name", needs=["first_name"])(function)


DOORS = {
    "A payload hook": register_payload_hook,
    "A chooser": register_chooser,
    "A verdict": register_verdict(RULE),
    "The source 'full_name'": register_full_name,
    "The converter for 'City'": register_converter("City"),
}


@pytest.fixture(params=DOORS)
def door(request):
    """What a function is called, and how it is registered."""
    return request.param, DOORS[request.param]


async def later(given):
    given[0].payload["Title"] = "Never"


async def one_by_one(given):
    yield given


class Later:
    async def __call__(self, given):
        return given


@pytest.mark.parametrize("given", [5, None, "tests.testapp.extensions.fails"])
def test_something_else_than_a_function(door, given):
    role, register = door
    with pytest.raises(TypeError) as wrong:
        register(given)
    assert f"{role} must be a function" in str(wrong.value)
    assert f"of the type {type(given).__name__}." in str(wrong.value)
    assert "without calling it" in str(wrong.value)


@pytest.mark.parametrize(
    ("given", "name"), [(later, "later"), (one_by_one, "one_by_one"), (Later(), "Later")]
)
def test_a_function_that_nobody_would_await(door, given, name):
    role, register = door
    with pytest.raises(TypeError) as wrong:
        register(given)
    assert f"nobody would await {__name__}.{name}." in str(wrong.value)
    assert "async_to_sync" in str(wrong.value)


@pytest.mark.parametrize("register", [register_verdict, register_converter])
def test_a_decorator_without_its_parentheses(register):
    with pytest.raises(TypeError, match=rf"of the type function. Write @{register.__name__}\("):

        @register
        def forgotten(given):
            return None


def test_a_source_without_a_name():
    with pytest.raises(TypeError, match=r"Write @register_source\("):
        register_source(str.upper, label="Upper", needs=["city"])


@pytest.mark.parametrize(
    "register",
    [
        lambda given: register_converter("City", takes=given),
        lambda given: register_source("own", label="Own", needs=given),
    ],
)
@pytest.mark.parametrize("given", ["first_name", FieldType.BOOLEAN, 5])
def test_one_where_a_list_belongs(register, given):
    with pytest.raises(TypeError, match=r"Expected a list.* Write (takes|needs)=\["):
        register(given)


def test_a_need_that_is_no_name():
    with pytest.raises(TypeError, match="needs="):
        register_source("own", label="Own", needs=[5])


def test_a_type_that_is_none():
    with pytest.raises(ValueError, match="type cannot be 'nope'. Choose one of: text, long_text,"):
        register_source("own", label="Own", needs=["city"], type="nope")
    with pytest.raises(ValueError, match="takes cannot be 'nope'. Choose one of: text"):
        register_converter("City", takes=["nope"])


def test_the_type_of_a_source_by_its_name():
    register_source("own", label="Own", needs=["birthday"], type="date")(lambda birthday: birthday)
    assert custom_sources()["own"].type is FieldType.DATE


@pytest.mark.parametrize("field", ["Bad Field!", "", "Straße__c", "Account.Name"])
def test_a_converter_for_what_is_no_field(field):
    with pytest.raises(ValueError, match="is not the API name"):
        register_converter(field)


def in_capitals(value):
    return value.upper()


def test_a_name_that_is_taken_names_both():
    register_full_name(in_capitals)
    with pytest.raises(ValueError) as twice:
        register_full_name(lambda first_name: first_name)
    assert f"{__name__}.in_capitals" in str(twice.value)
    assert "test_a_name_that_is_taken_names_both" in str(twice.value)
    register_converter("City")(in_capitals)
    with pytest.raises(ValueError, match=f"{__name__}.in_capitals.*take {__name__}.*lambda"):
        register_converter("city")(lambda value: value)


@pytest.mark.django_db(transaction=True)
def test_a_converter_is_asked_whatever_the_case_of_its_field(org):
    register_converter("cITY")(in_capitals)
    ready(org, fields={**PLAIN, "City": {"source": "field", "name": "city"}})
    Contact.objects.create(email="ada@example.org", last_name="Lovelace", city="Leeds")
    run()
    assert [lead["City"] for lead in org.leads()] == ["LEEDS"]
    unregister_converter("City")


@pytest.mark.django_db(transaction=True)
def test_a_verdict_may_be_registered_for_one_code_after_another(org):
    ready(org)
    Contact.objects.create(email="ada@example.org", last_name="Lovelace")

    @register_verdict(RULE)
    @register_verdict("SOMETHING_ELSE")
    def never(refused):
        return Verdict.exclude("Never.")

    org.fault("row_error", code=RULE, message="No.")
    run()
    assert LeadLink.objects.get().last_error_message == "Never."


@pytest.mark.parametrize("register", [register_source, register_converter, register_verdict])
def test_a_decorated_function_keeps_its_signature(register):
    [taken], given = get_args(get_type_hints(register)["return"])
    assert taken is given
    assert isinstance(given, TypeVar)


@pytest.mark.parametrize("register", [register_payload_hook, register_chooser])
def test_a_registered_function_keeps_its_signature(register):
    taken, given = get_type_hints(register).values()
    assert taken is given
    assert isinstance(given, TypeVar)
