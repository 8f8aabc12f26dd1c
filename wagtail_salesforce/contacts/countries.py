"""Countries and their states or regions: ISO 3166 codes from what people type, and back.

A country is kept as its two-letter code ("DE"), a state as the part of its code after the
country ("CA" of "US-CA"), which is how Salesforce's state and country picklists name them.
Text the standard does not know stays as it was typed. The tables come from pycountry and are
read on first use.
"""

from __future__ import annotations

import gettext
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any


# The languages whose names for countries are known besides English.
LANGUAGES = (
    "de", "fr", "es", "it", "nl", "pt", "pt_BR", "pl", "sv", "da", "nb_NO", "fi", "cs", "sk",
    "hu", "ro", "tr", "el", "ru", "uk", "ja", "zh_CN", "zh_TW", "ko", "ar", "he",
)  # fmt: skip

ALIASES = {
    "GB": "uk, u k, great britain, britain, england, scotland, wales, northern ireland",
    "US": "u s, u s a, america, united states america",
    "NL": "holland",
    "AE": "uae, emirates",
    "CI": "ivory coast",
    "CV": "cape verde",
    "CZ": "czech rep",
    "HK": "hong kong sar",
    "MM": "burma",
    "MO": "macau",
    "MK": "macedonia",
    "RU": "russia, россия",
    "SZ": "swaziland",
    "TR": "turkey",
    "VA": "vatican, vatican city",
    "VN": "vietnam",
}


@lru_cache(maxsize=2048)
def country_code(text: str) -> str:
    """The two-letter code of a country given by code or name, or "" when it is not known.

    Names are known in English and as the people there and their neighbours write them.
    """
    return _countries().get(_plain(text), "")


def country_name(code_or_text: str) -> str:
    """The English name of a country given by code or name; other text as it is."""
    country = _country(country_code(code_or_text))
    return getattr(country, "common_name", country.name) if country else code_or_text


@lru_cache(maxsize=2048)
def state_code(text: str, country: str) -> str:
    """The code of a country's state or region ("CA"), or "" when it is not known.

    `text` is a name or code ("California", "CA", "US-CA"), `country` a code or name.
    """
    return _states(country_code(country)).get(_plain(text), "")


def state_name(code_or_text: str, country: str) -> str:
    """The name of a state given by code or name; other text as it is."""
    code = state_code(code_or_text, country)
    if not code:
        return code_or_text
    return _names_of_state(_subdivision(f"{country_code(country)}-{code}").name)[0]


def _plain(text: str) -> str:
    """Text without accents, case and punctuation, as the key of a table."""
    letters = unicodedata.normalize("NFKD", text[:200]).casefold()
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", " ", letters).strip().removeprefix("the ")


def _country(code: str) -> Any:
    from pycountry import countries

    return countries.get(alpha_2=code) if code else None


def _subdivision(code: str) -> Any:
    from pycountry import subdivisions

    return subdivisions.get(code=code)


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Country codes by plain name or code. English and codes win over other languages."""
    table = _foreign_names()
    for code, name in _english_names():
        table[_plain(name)] = code
    for code, aliases in ALIASES.items():
        table.update({_plain(alias): code for alias in aliases.split(",")})
    return table


def _names(country: Any) -> list[str]:
    kinds = ("name", "common_name", "official_name")
    return [name for kind in kinds if (name := getattr(country, kind, None))]


def _english_names() -> Iterator[tuple[str, str]]:
    from pycountry import countries

    for country in countries:
        for name in [*_names(country), country.alpha_2, country.alpha_3]:
            yield country.alpha_2, name


def _foreign_names() -> dict[str, str]:
    """Names in other languages, without those that two countries share ("Corée", "Congo")."""
    from pycountry import countries

    found: dict[str, set[str]] = {}
    for translate in (str, *_translations("iso3166-1", LANGUAGES)):
        for country in countries:
            for name in map(translate, _names(country)):
                for form in (name, name.partition(",")[0]):
                    found.setdefault(_plain(form), set()).add(country.alpha_2)
    return {name: min(codes) for name, codes in found.items() if len(codes) == 1}


def _translations(domain: str, languages: Iterable[str]) -> Iterator[Any]:
    from pycountry import LOCALES_DIR

    for language in languages:
        yield gettext.translation(domain, LOCALES_DIR, [language], fallback=True).gettext


@lru_cache(maxsize=64)
def _states(country: str) -> dict[str, str]:
    """State codes by plain name or code; a region wins over its parts of the same name."""
    from pycountry import subdivisions

    table: dict[str, str] = {}
    states = subdivisions.get(country_code=country) or [] if country else []
    for state in sorted(states, key=lambda state: bool(state.parent_code)):
        for name in _names_of_state(state.name):
            table.setdefault(_plain(name), _short(state.code))
    for state in states:
        table[_plain(state.code)] = table[_plain(_short(state.code))] = _short(state.code)
    return table


def _short(code: str) -> str:
    return code.partition("-")[2]


def _names_of_state(name: str) -> list[str]:
    """The ways a subdivision is written: "Lleida [Lérida]", "Roma", "wallonne, Région"."""
    names = [part.strip(" ]") for part in name.split("[")]
    names += [" ".join(reversed(part.split(", "))) for part in names if ", " in part]
    names += [translate(name) for translate in _translations("iso3166-2", ["en"])]
    return [name for name in names if name]
