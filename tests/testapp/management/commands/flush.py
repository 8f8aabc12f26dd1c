"""How Django empties the database after a test with real commits; here in a thousandth of a second."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush

from tests import first_data


class Command(flush.Command):
    """On SQLite the first data come back; on other databases every table is emptied, as always."""

    def handle(self, **options: Any) -> None:
        if not first_data.restore():
            super().handle(**options)
