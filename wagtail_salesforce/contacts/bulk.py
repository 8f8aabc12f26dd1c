"""Writes many rows of a model in one statement, several times faster than `bulk_create` does.

On PostgreSQL the rows travel as one JSON parameter, with only the columns in which they differ;
elsewhere Django's own `bulk_create` serves. No signals are sent either way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import connection
from django.db.models import Model
from django.db.models.expressions import RawSQL


Row = Mapping[str, Any]

#: From so many values on one parameter for all of them is quicker than one for each.
MANY = 50


def insert(
    model: type[Model], rows: Sequence[Row], *, ignore_conflicts: bool = False
) -> list[int] | None:
    """Insert rows of Python values by column (`attname`), the same columns in each.

    All other columns get what a new instance has, the same in all rows. Returns the primary keys
    in the order of the rows; None where conflicts are ignored or the database does not tell them.
    """
    if not rows:
        return []
    if connection.vendor == "postgresql":
        return _insert_json(model, rows, ignore_conflicts)
    made = [model(**row) for row in rows]
    model._default_manager.bulk_create(made, ignore_conflicts=ignore_conflicts)
    numbers = [instance.pk for instance in made]
    return None if ignore_conflicts or None in numbers else numbers


def among(values: Collection[Any], kind: str = "text") -> Any:
    """What a lookup with `__in` is given for thousands of texts (or `kind="bigint"`).

    On PostgreSQL that is one parameter, as thousands of them take long to put into a statement.
    """
    if connection.vendor != "postgresql" or len(values) < MANY:
        return list(values)
    sql = f"SELECT value::{kind} FROM json_array_elements_text(%s::json)"  # noqa: S608
    return RawSQL(sql, [_json(list(values))])  # noqa: S611 - the values are a parameter


def update(instances: Sequence[Model], columns: set[str], unique: str) -> None:
    """Save these columns of instances that exist and whose rows this transaction has locked.

    All instances are of one model. `unique` is a unique column that is not changed: where there
    is no such statement, whole rows are inserted and meet the existing ones by it. Columns with
    the present moment (`auto_now`) are for the caller to set and name.
    """
    if not instances:
        return
    model = type(instances[0])
    if connection.vendor == "postgresql":
        _update_json(model, instances, sorted(columns))
        return
    target = connection.features.supports_update_conflicts_with_target
    model._default_manager.bulk_create(
        instances,
        update_conflicts=True,
        update_fields=sorted(columns),
        unique_fields=[unique] if target else None,
    )


def _insert_json(
    model: type[Model], rows: Sequence[Row], ignore_conflicts: bool
) -> list[int] | None:
    same = _constants(model, rows[0])
    names = [*rows[0], *same]
    values = [f"v.{_quoted(name)}" for name in rows[0]] + ["%s"] * len(same)
    columns = ", ".join(map(_column(model), names))
    record = _recordset(model, list(rows[0]))
    sql = f"INSERT INTO {_table(model)} ({columns}) SELECT {', '.join(values)} FROM {record} "  # noqa: S608
    # Rows are numbered and sorted, so that the keys come back in their order.
    sql += "ORDER BY v.ordinality "
    sql += "ON CONFLICT DO NOTHING" if ignore_conflicts else f"RETURNING {_primary(model)}"
    with connection.cursor() as cursor:
        cursor.execute(sql, [*same.values(), _json(rows)])
        return None if ignore_conflicts else [number for (number,) in cursor.fetchall()]


def _update_json(model: type[Model], instances: Sequence[Model], columns: list[str]) -> None:
    key = str(model._meta.pk.attname)
    rows = [{name: getattr(instance, name) for name in (key, *columns)} for instance in instances]
    column = _column(model)
    sets = ", ".join(f"{column(name)} = v.{_quoted(name)}" for name in columns)
    where = f"t.{_primary(model)} = v.{_quoted(key)}"
    record = _recordset(model, [key, *columns])
    sql = f"UPDATE {_table(model)} AS t SET {sets} FROM {record} WHERE {where}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [_json(rows)])


def _recordset(model: type[Model], names: Sequence[str]) -> str:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    types = (f"{_quoted(name)} {fields[name].db_type(connection)}" for name in names)
    return f"ROWS FROM (json_to_recordset(%s::json) AS ({', '.join(types)})) WITH ORDINALITY AS v"


def _constants(model: type[Model], varying: Row) -> dict[str, Any]:
    """What a new instance has in the other columns, ready for the database."""
    instance = model()
    return {
        field.attname: field.get_db_prep_save(field.pre_save(instance, True), connection)
        for field in model._meta.concrete_fields
        if field.attname not in varying and not field.primary_key
    }


def _json(rows: Sequence[Any]) -> str:
    return orjson.dumps(rows, default=_plain).decode()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _column(model: type[Model]) -> Any:
    names = {field.attname: str(field.column) for field in model._meta.concrete_fields}
    return lambda name: _quoted(names[name])


def _table(model: type[Model]) -> str:
    return _quoted(model._meta.db_table)


def _primary(model: type[Model]) -> str:
    return _quoted(str(model._meta.pk.column))


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
