"""Whether an error comes of tables or columns that nobody has made yet."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.db import Error, OperationalError, ProgrammingError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor


def are_missing(error: BaseException) -> bool:
    """Whether `migrate` has to be run. Each database words it in its own way, so that what is
    asked is not the error but the database: are there migrations that were not applied?"""
    if not isinstance(error, (OperationalError, ProgrammingError)):
        return False
    try:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except (Error, ImproperlyConfigured, InconsistentMigrationHistory):
        return False
