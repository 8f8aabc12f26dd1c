"""Fills the example site: its pages and somebody who may log in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from example_site.demo.pages import ADMIN_PASSWORD, ADMIN_USER, load_admin, load_pages


class Command(BaseCommand):
    help = (
        "Make the pages of the example site and its admin user. What is there already is left as "
        "it is, so the command may be run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        home = load_pages()
        load_admin()
        self.stdout.write(f"{home.title}: {home.get_descendant_count() + 1} pages.")
        self.stdout.write(f"Admin user: {ADMIN_USER}, password: {ADMIN_PASSWORD}")
