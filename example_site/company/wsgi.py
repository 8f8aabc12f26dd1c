"""The example site for a WSGI server."""

import os

from django.core.wsgi import get_wsgi_application


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_site.company.settings")

application = get_wsgi_application()
