"""``python -m wagtail_salesforce.practice_org``."""

import argparse
import sys

from .server import add_arguments
from .start import CannotStart, start


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m wagtail_salesforce.practice_org",
        description="A strict local Salesforce look-alike.",
    )
    add_arguments(parser)
    try:
        start(parser.parse_args(arguments))
    except KeyboardInterrupt:
        sys.stderr.write("Practice org stopped.\n")
    except CannotStart as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
