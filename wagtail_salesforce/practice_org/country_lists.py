"""The entries of ``CountryCode`` and ``StateCode`` when State and Country picklists are on.

Source: Salesforce help, "Standard Countries and Territories for Address Picklists" (which
countries come with states) and "State, Country, and Territory Picklist Fields"; The names and codes are those of ISO 3166.
"""

from functools import lru_cache

from .fields import PicklistValue, bitmap


# The countries that Salesforce brings states of.
WITH_STATES = ("AU", "BR", "CA", "CN", "IE", "IN", "IT", "MX", "US")


@lru_cache
def countries() -> tuple[PicklistValue, ...]:
    """Every country by its code, in the order of the names."""
    # Assumption country-lists: all of ISO 3166, where Salesforce leaves a few out.
    from pycountry import countries as known  # Read only when asked for: it takes a while.

    pairs = sorted((each.name, each.alpha_2) for each in known)
    return tuple(PicklistValue(code, name) for name, code in pairs)


@lru_cache
def states() -> tuple[PicklistValue, ...]:
    """Every state by its code, valid for its country; a code may stand for several states."""
    # Assumption state-code-twice: a code that two countries have is listed for each of them.
    codes = [entry.value for entry in countries()]
    return tuple(
        PicklistValue(code, name, valid_for=bitmap(codes.index(country), len(codes)))
        for country in WITH_STATES
        for code, name in _states_of(country)
    )


def _states_of(country: str) -> list[tuple[str, str]]:
    from pycountry import subdivisions

    parts = list(subdivisions.get(country_code=country))
    parents = {part.parent_code for part in parts if part.parent_code}
    leaves = (part for part in parts if part.code not in parents)
    return sorted((part.code.partition("-")[2], part.name) for part in leaves)
