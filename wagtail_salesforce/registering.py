"""Looks at what a site's code registers, so that a mistake is met at start-up and not in a run."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Any, TypeVar

from wagtail_salesforce.background import name_of


Known = TypeVar("Known", bound=Enum)


def check_function(function: object, role: str) -> None:
    """Raise TypeError unless this can be called, and does its work when it is."""
    if not callable(function):
        raise TypeError(
            f"{role} must be a function, and what was given is of the type"
            f" {type(function).__name__}. Give the function itself, without calling it."
        )
    if any(map(_is_async, (function, type(function).__call__))):
        raise TypeError(
            f"{role} must be a plain function, and nobody would await {name_of(function)}. Define"
            " it without async; asgiref.sync.async_to_sync calls what is asynchronous."
        )


def _is_async(function: object) -> bool:
    return iscoroutinefunction(function) or isasyncgenfunction(function)


def check_texts(given: Iterable[object], example: str) -> None:
    """Raise TypeError where something else than names was given: the function itself, for one, by
    a decorator without its parentheses. `example` is how it is written."""
    for each in given:
        if not isinstance(each, str):
            raise TypeError(
                f"Expected a name, and what was given is of the type {type(each).__name__}."
                f" Write {example}."
            )


def listed(values: Any, example: str) -> tuple[Any, ...]:
    """The values. Raises TypeError for a single text, whose letters would be taken for them."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(
            f"Expected a list, and what was given is of the type {type(values).__name__}."
            f" Write {example}."
        )
    return tuple(values)


def one_of(known: type[Known], given: object, argument: str) -> Known:
    """The member that is meant. Raises ValueError with those that there are."""
    try:
        return known(given)
    except ValueError:
        names = ", ".join(str(each.value) for each in known)
        raise ValueError(f"{argument} cannot be {given!r}. Choose one of: {names}.") from None
