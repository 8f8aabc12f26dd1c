"""What does not stop replication, but lets it do something else than an editor expects."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from wagtail_salesforce.admin.form_connections_pages import any_form_page
from wagtail_salesforce.admin.form_connections_views import NAMESPACE as FORMS
from wagtail_salesforce.admin.panel_problems import Problem, Way, make_problem
from wagtail_salesforce.admin.panel_rights import Rights
from wagtail_salesforce.admin.scores_access import score_url
from wagtail_salesforce.contacts.models import Contact, FormConnection
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Score


#: The hosts of RFC 2606, which Wagtail's project template leaves in the settings.
EXAMPLES = ("example.com", "example.org", "example.net")


def warnings(settings: ReplicationSettings, request: HttpRequest, rights: Rights) -> list[Problem]:
    """What to look at, although replication runs."""
    return [*_of_forms(rights), *_of_score(settings, rights), *_of_address(request, rights)]


def _of_forms(rights: Rights) -> Iterator[Problem]:
    """Not on a site without form pages whose contacts come in other ways."""
    if FormConnection.objects.filter(enabled=True).exists():
        return
    has_forms = any_form_page()
    if not has_forms and Contact.objects.exists():
        return
    text = _("No form is connected yet, so that no contact comes from the site's forms.")
    if has_forms:
        cure = _("Connect the forms whose visitors are to become contacts.")
    else:
        cure = _("The site has no form page yet: make one and connect it, or import contacts.")
    way = Way("forms", reverse(f"{FORMS}:index"), _("Open the form connections"))
    yield make_problem("no_form", text, cure, way, rights)


def _of_score(settings: ReplicationSettings, rights: Rights) -> Iterator[Problem]:
    score = settings.score if settings.by_score else None
    if score is None:
        return
    way = Way("scores", score_url(score), _("Open the score"))
    if words := _score_words(score):
        yield make_problem(*words, way, rights)


def _score_words(score: Score) -> tuple[str, str, str] | None:
    name = {"score": score.name}
    if not score.enabled:
        return (
            "score_disabled",
            _("The score “%(score)s”, which chooses the contacts, is switched off.") % name,
            _("Its points are not kept up to date, so some contacts are missed. Switch it on."),
        )
    if score.status == Score.Status.FAILED:
        return (
            "score_failed",
            _("The last recalculation of the score “%(score)s” failed.") % name,
            _("Contacts are still chosen by the old points. Recalculate the score."),
        )
    if score.status == Score.Status.RECALCULATION_REQUIRED:
        return (
            "score_old",
            _("The rules of the score “%(score)s” have changed since its points were made.") % name,
            _("Contacts are still chosen by the old points. Recalculate the score."),
        )
    return None


def _of_address(request: HttpRequest, rights: Rights) -> Iterator[Problem]:
    """Salesforce sends people back to the address of the settings, whatever they have opened."""
    if not rights["authorize"]:
        return
    host = urlsplit(getattr(django_settings, "WAGTAILADMIN_BASE_URL", "") or "").netloc.lower()
    if words := _address_words(host, request):
        cure = _("Ask the people who run the site to set it to the address of this admin.")
        yield Problem(words[0], words[1], cure)


def _address_words(host: str, request: HttpRequest) -> tuple[str, str] | None:
    if not host:
        return (
            "base_url_missing",
            _(
                "The address of this site (WAGTAILADMIN_BASE_URL) is not set, so that the callback "
                "URL depends on how you opened this page."
            ),
        )
    if _plain(host) != _plain(request.get_host()):
        text = _(
            "The address of this site (WAGTAILADMIN_BASE_URL) is set to %(host)s, but you are on "
            "%(here)s. Salesforce would send you to %(host)s after you have authorized."
        )
        return "base_url_other", text % {"host": host, "here": request.get_host()}
    if host.split(":")[0].removeprefix("www.") in EXAMPLES:
        text = _("The address of this site (WAGTAILADMIN_BASE_URL) is still the example %(host)s.")
        return "base_url_example", text % {"host": host}
    return None


def _plain(host: str) -> str:
    return host.lower().removesuffix(":80").removesuffix(":443")
