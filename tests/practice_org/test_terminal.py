"""What people read in the terminal when they start the practice org."""

import subprocess
import sys

from wagtail_salesforce.practice_org.control import PracticeOrg


def test_people_are_told_key_secret_and_login_in_the_terminal():
    process = subprocess.Popen(
        [sys.executable, "-m", "wagtail_salesforce.practice_org", "--port", "0",
         "--state", ":memory:"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        # All lines are written at once, so none is missing when the first is there.
        first = process.stdout.readline()
        process.terminate()
        lines = [first.strip(), *process.stdout.read().splitlines()]
    assert lines[0].startswith("Practice org ready at http://127.0.0.1:")
    assert lines[1:] == [
        f"Consumer key: {PracticeOrg.CLIENT_ID}",
        f"Consumer secret: {PracticeOrg.CLIENT_SECRET}",
        f"Log in as {PracticeOrg.USERNAME} with the password {PracticeOrg.PASSWORD}",
    ]
