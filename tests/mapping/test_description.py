"""The lead description: variables and filters, and nothing else."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from wagtail_salesforce.mapping.compile import MappingBroken
from wagtail_salesforce.mapping.context import MappingContext
from wagtail_salesforce.mapping.description import (
    InvalidDescription,
    check_description,
    compile_description,
)

from .making import ATTRIBUTES, LONDON, compiled, custom, map_person


def render(template, zone=LONDON, **values):
    """Render with contact fields and, under `attributes__name`, attributes."""
    reading = compile_description(template, ATTRIBUTES, zone)
    given = {name.replace("attributes__", "attributes."): value for name, value in values.items()}
    return reading.function(*(given.get(need) for need in reading.needs))


@pytest.mark.parametrize(
    ("template", "values", "expected"),
    [
        ("{{ contact.last_name }}", {"last_name": "Doe"}, "Doe"),
        ("{{ contact.first_name }} {{contact.last_name}}!", {"last_name": "Doe"}, " Doe!"),
        ("{{ contact.last_name|upper }}", {"last_name": "Doe"}, "DOE"),
        ("<b>{{ contact.notes }}</b>", {"notes": "<i> & 'x'"}, "<b><i> & 'x'</b>"),
        ("{{ contact.notes|title }}", {"notes": "a & b"}, "A & B"),
        ("{{ attributes.licences }} wanted", {"attributes__licences": 3000}, "3000 wanted"),
        ("{{ contact.attributes.licences }}", {"attributes__licences": 5}, "5"),
        ("{{ attributes.interest }}", {"attributes__interest": "Tea"}, "Tea"),
        ("{{ attributes.interest }}|{{ attributes.licences }}|", {}, "||"),
        ("{{ contact.birthday }}", {}, ""),
        ("{{ contact.birthday|date:'j F Y' }}", {"birthday": date(2001, 7, 4)}, "4 July 2001"),
        ("{{ attributes.vip|yesno:'VIP,' }}", {"attributes__vip": True}, "VIP"),
        ("{{ contact.city|default:contact.country }}", {"country": "GB"}, "GB"),
        ("{{ attributes.budget|floatformat:2 }}", {"attributes__budget": Decimal("1.5")}, "1.50"),
        ("{# note #}Web", {}, "Web"),
        ("", {}, ""),
        ("{{ contact.last_name }}", {"last_name": "{{ contact.email }}{% now 'Y' %}"},
         "{{ contact.email }}{% now 'Y' %}"),
    ],
)  # fmt: skip
def test_renders(template, values, expected):
    assert render(template, **values) == expected
    assert check_description(template, ATTRIBUTES) == []


def test_moments_are_in_the_sites_time_zone_and_language_whoever_asks():
    template = "{{ contact.created_at|date:'l H:i' }}"
    moment = datetime(2026, 7, 1, 23, 30, tzinfo=timezone.utc)
    with translation.override("de"):
        assert render(template, ZoneInfo("Europe/London"), created_at=moment) == "Thursday 00:30"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{% include 'a.html' %}", "no template tags"),
        ("{% load static %}", "no template tags"),
        ("{% for a in contact %}{% endfor %}", "no template tags"),
        ("{% verbatim %}{{ a }}{% endverbatim %}", "no template tags"),
        ("{{ contact.last_name|safe }}", "There is no filter"),
        ("{{ contact.last_name|ljust:'99999999999' }}", "There is no filter"),
        ("{{ contact.created_at|timesince }}", "There is no filter"),
        ("{{ contact.last_name", "two braces"),
        ("{{ contact.last_name }", "two braces"),
        ("contact.last_name }}", "two braces"),
        ("{{ }}", "cannot be understood"),
        ("{{ contact.surname }}", "There is no contact.surname"),
        ("{{ contact.owner }}", "There is no contact.owner"),
        ("{{ contact.last_name.upper }}", "There is no contact.last_name.upper"),
        ("{{ contact.attributes }}", "There is no contact.attributes"),
        ("{{ contact }}", "There is no contact."),
        ("{{ attributes }}", "There is no attributes."),
        ("{{ contact. }}", "There is no contact.."),
        ("{{.}}", "There is no .."),
        ("{{ attributes.colour }}", "There is no attributes.colour"),
        ("{{ last_name }}", "There is no last_name"),
        ("{{ contact.city|default:request.user }}", "There is no request.user"),
        ("{{ contact.__class__ }}", "cannot be understood"),
        ("{{ attributes.budget|floatformat:999999999 }}", "fails with ValueError"),
        ("{{ attributes.licences|divisibleby:0 }}", "fails with ZeroDivisionError"),
        ("{{ attributes.licences|divisibleby:2 }}", "default"),
    ],
)
def test_what_does_not_work_is_said_on_saving(template, words):
    problems = check_description(template, ATTRIBUTES)
    assert len(problems) == 1
    assert words in problems[0].message
    assert problems[0].path == "lead_description"


def test_a_text_cannot_be_joined_to_any_length():
    assert render('{{ contact.city|join:", " }}', city="Bonn") == "B, o, n, n"
    joins = '|join:"abcdefghij"' * 5
    problems = check_description("{{ contact.birthday|date" + joins + " }}", ATTRIBUTES)
    assert "fails with ValueError" in problems[0].message
    with pytest.raises(ValueError, match="at most"):
        render("{{ contact.last_name" + joins + "|length }}", last_name="Doe")


def messages(template, attributes=ATTRIBUTES):
    return [problem.message for problem in check_description(template, attributes)]


def test_every_problem_is_listed_with_its_place():
    found = messages("{{ contact.a }} {{ attributes.b }} {{ contact.email }}", {"c"})
    assert [each.split(".")[:2] for each in found] == [
        ["Character 1: There is no contact", "a"],
        ["Character 17: There is no attributes", "b"],
    ]
    assert all("under “Insert a contact field or attribute”" in each for each in found)
    found = messages("Hello\r\n{{ contact.email }}\n  {{ contact.city|shout }} {{ x\n }}")
    places = [each.split(":")[0] for each in found]
    assert places == ["Line 3, character 3", "Line 3, character 28"]
    assert "no filter “shout”" in found[0] and "two braces" in found[1]


@pytest.mark.parametrize(
    ("template", "nearest"),
    [
        ("{{ contact.lastname }}", "contact.last_name"),
        ("{{ contact.surname }}", "contact.last_name"),
        ("{{ last_name }}", "contact.last_name"),
        ("{{ contact.phone }}", "contact.business_phone"),
        ("{{ contact.licences }}", "attributes.licences"),
        ("{{ attributes.licenses }}", "attributes.licences"),
        ("{{ attributes.city }}", "contact.city"),
        ("{{ contact.city|default:contact.contry }}", "contact.country"),
        ("{{ contact.city|uper }}", "“upper”"),
    ],
)
def test_the_nearest_name_is_suggested(template, nearest):
    assert messages(template)[0].endswith(f"Did you mean {nearest}?")


def test_where_no_name_is_near_none_is_listed():
    names = [f"quite_special_{number}" for number in range(200)]
    found = messages("{{ contact.x }}", names)[0]
    assert "quite_special" not in found and "contact.street" not in found
    assert found.endswith("under “Insert a contact field or attribute”.")
    assert messages("{{ attributes.x }}", []) == [
        "Character 1: There is no attributes.x. No attribute is defined yet."
    ]


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("a\n{% include 'x' %}", "Line 2, character 1: A lead description takes no template tags "
         "such as “{% include %}”: nothing is loaded or included."),
        ("{% for a in b %}{% endfor %}", "“{% for %}”: nothing is repeated."),
        ("{% if a %}{% endif %}", "“{% if %}”"),
        ("50 {% off", "“{% off %}”"),
        ("{% %}", "“{% … %}”"),
    ],
)  # fmt: skip
def test_a_tag_is_named_with_its_place(template, words):
    (found,) = messages(template)
    assert words in found


def test_each_variable_that_may_fail_is_named():
    found = messages("{{ contact.city }} {{ attributes.licences|divisibleby:2 }}")
    assert [each.split(" fails")[0] for each in found] == [
        "{{ attributes.licences|divisibleby:2 }}"
    ]


PIECES = st.lists(
    st.sampled_from(
        ["{{", "}}", "{#", "#}", "%}", "\n", " ", "|", ":", '"', "'", ".", "contact.city", "contact",
         "attributes.licences", "default", "date", "upper", "é", "😀", "1", "-1", "_", "_('a')", "("]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@given(PIECES)
def test_what_is_found_right_compiles_and_renders(template):
    """Also where the check reads a template in another way than Django's own parser."""
    if not check_description(template, ATTRIBUTES):
        assert isinstance(render(template, city="Ulm", attributes__licences=3), str)


def test_names_alone_are_enough_to_check():
    assert check_description("{{ attributes.licences|add:1 }}", ["licences"]) == []


def test_a_broken_template_stops_only_a_mapping_that_uses_it():
    broken = MappingContext("Unknown", "{{ contact.surname }}", LONDON)
    assert map_person(compiled(broken))[0]["LastName"] == "Doe"
    with pytest.raises(InvalidDescription) as caught:
        compiled(broken, Description=custom("lead_description"))
    assert caught.value.code == "invalid_lead_description"
    assert "contact.surname" in caught.value.message
    assert not isinstance(caught.value, MappingBroken)


def test_a_failure_for_one_contact_refuses_that_contact():
    context = MappingContext("Unknown", "{{ contact.notes|divisibleby:2 }}", LONDON)
    mapping = compiled(context, Description=custom("lead_description"))
    payload, refusals, _shortened = map_person(mapping, notes="personal")
    assert [(each.field, each.code) for each in refusals] == [("Description", "SOURCE_FAILED")]
    assert "ValueError" in refusals[0].message
    assert "personal" not in refusals[0].message
    assert "Description" not in payload
    assert map_person(mapping, notes="4")[0]["Description"] == "True"


def test_the_description_reads_only_what_it_needs():
    mapping = compiled(Description=custom("lead_description"))
    assert mapping.columns == ("id", "last_name", "company_name")
    context = MappingContext("Unknown", "{{ attributes.licences }} {{ contact.city }}", LONDON)
    mapping = compiled(context, Description=custom("lead_description"))
    assert mapping.columns == ("id", "last_name", "company_name", "attributes", "city")
    sent = map_person(mapping, attributes={"licences": 7}, city="Ulm")[0]["Description"]
    assert sent == "7 Ulm"
