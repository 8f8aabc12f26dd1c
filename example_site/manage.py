#!/usr/bin/env python
"""The example site's command line: `python example_site/manage.py demo`."""

import os
import sys
from pathlib import Path


def main() -> None:
    # The repository stands in for this folder on the path, so that `example_site` and
    # `wagtail_salesforce` are importable whether the package is installed or not.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_site.company.settings")

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
