"""`salesforce_replicate` as the shell sees it."""

from __future__ import annotations

from io import StringIO

from django.core.management import CommandError, call_command


def replicate(*arguments: str) -> tuple[int, str, str]:
    """(exit code, what stands on stdout, what on stderr)"""
    out = StringIO()
    try:
        call_command("salesforce_replicate", *arguments, stdout=out)
    except CommandError as refusal:
        return refusal.returncode, out.getvalue(), str(refusal)
    return 0, out.getvalue(), ""
