from __future__ import annotations

import subprocess
import sys

import pytest

from wagtail_salesforce.contacts.countries import (
    country_code,
    country_name,
    state_code,
    state_name,
)


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        ("DE", "DE", "Germany"),
        ("de", "DE", "Germany"),
        ("DEU", "DE", "Germany"),
        (" germany ", "DE", "Germany"),
        ("Deutschland", "DE", "Germany"),
        ("Allemagne", "DE", "Germany"),
        ("Österreich", "AT", "Austria"),
        ("Osterreich", "AT", "Austria"),
        ("España", "ES", "Spain"),
        ("Nederland", "NL", "Netherlands"),
        ("The Netherlands", "NL", "Netherlands"),
        ("Holland", "NL", "Netherlands"),
        ("USA", "US", "United States"),
        ("U.S.A.", "US", "United States"),
        ("United States of America", "US", "United States"),
        ("UK", "GB", "United Kingdom"),
        ("Great Britain", "GB", "United Kingdom"),
        ("South Korea", "KR", "South Korea"),
        ("Côte d'Ivoire", "CI", "Côte d'Ivoire"),
        ("日本", "JP", "Japan"),
        ("Россия", "RU", "Russian Federation"),
        ("Russie", "RU", "Russian Federation"),
        ("Bolivia", "BO", "Bolivia"),
        ("Georgia", "GE", "Georgia"),
        ("Atlantis", "", "Atlantis"),
        ("Korea", "", "Korea"),
        ("", "", ""),
        ("?!", "", "?!"),
    ],
)
def test_countries(text, code, name):
    assert country_code(text) == code
    assert country_name(text) == name


def test_every_english_name_and_code_leads_to_its_own_country():
    import pycountry

    for country in pycountry.countries:
        for text in (country.alpha_2, country.alpha_3, country.name):
            assert country_code(text) == country.alpha_2
        assert country_code(country_name(country.alpha_2)) == country.alpha_2


@pytest.mark.parametrize(
    ("text", "country", "code", "name"),
    [
        ("California", "US", "CA", "California"),
        ("ca", "United States", "CA", "California"),
        ("US-CA", "US", "CA", "California"),
        ("Bayern", "DE", "BY", "Bayern"),
        ("Bavaria", "Deutschland", "BY", "Bayern"),
        ("Baden-Württemberg", "DE", "BW", "Baden-Württemberg"),
        ("Ile de France", "FR", "IDF", "Île-de-France"),
        ("Lérida", "ES", "L", "Lleida"),
        ("Kent", "GB", "KEN", "Kent"),
        ("Bayern", "", "", "Bayern"),
        ("Bayern", "US", "", "Bayern"),
        ("Mordor", "DE", "", "Mordor"),
        ("", "DE", "", ""),
    ],
)
def test_states(text, country, code, name):
    assert state_code(text, country) == code
    assert state_name(text, country) == name


def test_every_code_of_a_state_leads_back_to_it():
    import pycountry

    for country in ("US", "DE", "GB", "FR", "ES", "JP", "BE", "CN"):
        for state in pycountry.subdivisions.get(country_code=country):
            short = state.code.partition("-")[2]
            assert state_code(state.code, country) == state_code(short, country) == short


def test_the_tables_are_not_read_before_they_are_needed():
    program = (
        "import sys, wagtail_salesforce.contacts.countries as c;"
        "assert 'pycountry' not in sys.modules; c.country_code('DE');"
        "assert 'pycountry' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
