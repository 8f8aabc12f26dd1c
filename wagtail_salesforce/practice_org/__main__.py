"""``python -m wagtail_salesforce.practice_org``."""

from .server import main


if __name__ == "__main__":
    main()
