"""Pieces of SQL with their parameters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Sql:
    """SQL with `%s` placeholders and the values for them."""

    text: str
    params: tuple[Any, ...] = ()


def sql(template: str, *parts: Any) -> Sql:
    """The template with each `{}` replaced: by a piece of SQL, or by a placeholder for a value."""
    texts = template.replace("%", "%%").split("{}")
    if len(texts) != len(parts) + 1:
        raise ValueError("As many parts as {} are needed.")
    text = texts[0]
    params: list[Any] = []
    for part, following in zip(parts, texts[1:], strict=True):
        known = part if isinstance(part, Sql) else Sql("%s", (part,))
        text += known.text + following
        params += known.params
    return Sql(text, tuple(params))


def join(separator: str, parts: Iterable[Sql]) -> Sql:
    """The pieces one after another."""
    given = list(parts)
    return sql(separator.join("{}" for _part in given), *given)


def all_of(parts: Iterable[Sql]) -> Sql:
    """All conditions hold; true without any."""
    given = list(parts)
    return sql("({})", join(" AND ", given)) if given else Sql("TRUE")


def any_of(parts: Iterable[Sql]) -> Sql:
    """One of the conditions holds; false without any."""
    given = list(parts)
    return sql("({})", join(" OR ", given)) if given else Sql("FALSE")
