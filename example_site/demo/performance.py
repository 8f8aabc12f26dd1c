"""The demonstration from beginning to end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from example_site.demo import outcome, panel, visitors
from example_site.demo.pages import ADMIN_PASSWORD, ADMIN_USER
from example_site.demo.people import PEOPLE
from example_site.demo.processes import DemoFailed
from example_site.demo.report import lead_table
from example_site.demo.stage import Stage
from wagtail_salesforce.contacts.models import Activity, Contact
from wagtail_salesforce.practice_org.control import PracticeOrg


SECONDS_TO_REPLICATE = 180
LOOK_AGAIN = 1.0


class Demonstration:
    """Sets the stage, lets the visitors come, and shows what arrived."""

    def __init__(
        self, var: Path, ports: tuple[int, int], *, keep: bool, say: Callable[[str], None]
    ) -> None:
        self.stage = Stage(var, ports, say)
        self.keep, self.say = keep, say

    def perform(self, *, once: bool) -> None:
        """Run it all. Raises DemoFailed when something did not go as it should."""
        with self.stage.children:
            org = self._set_up()
            self._let_visitors_come()
            self._replicate()
            self._show(org.leads(), org)
            if not once:
                self._stay()

    def _set_up(self) -> PracticeOrg:
        stage = self.stage
        if not self.keep:
            stage.clear()
        stage.prepare()
        with self._step("Preparing the site and its pages"):
            stage.manage("migrate", "--verbosity=0")
            stage.manage("load_demo_data")
        with self._step("Starting the practice org"):
            org = stage.start_org()
        with self._step("Authorizing the site with client credentials"):
            self._connect(org)
        with self._step("Importing form connections, scores and the suggested mapping"):
            stage.manage("configure_demo")
        with self._step("Starting the site and the queue"):
            stage.start_site()
            stage.start_cluster()
        return org

    def _connect(self, org: PracticeOrg) -> None:
        self.stage.manage(
            "salesforce_connect",
            f"--login-url={self.stage.org_address}",
            f"--client-id={org.CLIENT_ID}",
            "--flow=client-credentials",
            WAGTAIL_SALESFORCE_CLIENT_SECRET=org.CLIENT_SECRET,
        )

    def _let_visitors_come(self) -> None:
        """Everybody sends their forms, unless they did so in the demonstration that is kept."""
        there = set(Contact.objects.values_list("email", flat=True))
        new = [person for person in PEOPLE if person.email not in there]
        with self._step(f"{len(new)} visitors send their forms"):
            for person in new:
                visitors.come(self.stage.site, person)

    def _replicate(self) -> None:
        with self._step("An editor presses “Replicate now”, and the queue replicates"):
            panel.replicate_now(self.stage.site)
            self.stage.children.wait_until(
                outcome.replicated, "the queue to replicate all that is due", SECONDS_TO_REPLICATE
            )

    def _show(self, leads: list[dict[str, Any]], org: PracticeOrg) -> None:
        points = outcome.points(outcome.SCORE)
        emails = {lead["Email"] for lead in leads}
        self.say("\nLeads that arrived in the practice org\n\n")
        self.say(lead_table(leads, points))
        waiting = [person for person in PEOPLE if person.email not in emails]
        self.say("\nNot sent, for want of 20 points:")
        self.say("  " + ", ".join(f"{p.last_name} ({points.get(p.email, 0)})" for p in waiting))
        self.say(f"With 3,000 points or more in the score “{outcome.LICENCES}”:")
        self.say("  " + ", ".join(_orders(email) for email in sorted(outcome.big_customers())))
        if found := outcome.problems(leads, strangers_allowed=self.keep):
            raise DemoFailed("The leads are not as expected:\n  " + "\n  ".join(found))
        self._say_addresses()

    def _say_addresses(self) -> None:
        site, org = self.stage.site, self.stage.org_address
        self.say(f"\nThe site           {site}/")
        self.say(f"Its admin          {site}/admin/  user {ADMIN_USER}, password {ADMIN_PASSWORD}")
        self.say(f"Salesforce panel   {site}/admin/salesforce/")
        login = f"user {PracticeOrg.USERNAME}, password {PracticeOrg.PASSWORD}"
        self.say(f"The practice org   {org}/  {login}")
        self.say("                   Its page has the consumer key and secret for another site.")

    def _stay(self) -> None:
        self.say("\nSend a form of your own: it becomes a lead within a minute or two.")
        self.say("Everything runs until you press Ctrl-C.")
        while True:
            self.stage.children.check()
            time.sleep(LOOK_AGAIN)

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        self.say(f"· {what} …")
        yield
        self.say(f"  done in {time.monotonic() - began:.1f} s")


def _orders(email: str) -> str:
    """A big customer, and in how many orders they became one."""
    orders = Activity.objects.filter(contact__email=email, type="purchase")
    contact = Contact.objects.get(email=email)
    return f"{contact.last_name} (orders: {orders.count()})"
