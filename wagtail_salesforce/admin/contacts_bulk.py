"""Asks for, and does, something with many contacts: what the bulk actions of the list share.

Wagtail's own bulk action reads every chosen object and, for "all in the listing", forgets filters
and search; this one works with ids, and with the filters and the search.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.log_actions import log

from wagtail_salesforce import jobs
from wagtail_salesforce.admin.contacts_access import NAMESPACE, may_see_contacts
from wagtail_salesforce.admin.contacts_bulk_forms import BulkForm
from wagtail_salesforce.admin.contacts_bulk_ids import pack
from wagtail_salesforce.admin.contacts_bulk_work import BulkWork
from wagtail_salesforce.admin.contacts_choice import FiltersBroken, chosen
from wagtail_salesforce.admin.contacts_protected import protected_message
from wagtail_salesforce.contacts.collisions import despite_collisions
from wagtail_salesforce.contacts.models import Contact


#: More contacts than this are left to a job in the background.
DIRECTLY = 100
NAMED = 10


class ContactBulkAction(BulkAction):
    """To be subclassed: `work` is what is done, the texts are what the page says."""

    models = [Contact]
    template_name = "wagtail_salesforce/contacts/bulk.html"
    form_class = BulkForm
    work: BulkWork
    icon = "user"
    #: What happens, above the form; and what stays as it is, or is lost.
    explanation: str | Promise = ""
    warning: str | Promise = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.permitted(request.user):
            raise PermissionDenied
        try:
            return super().dispatch(request, *args, **kwargs)
        except FiltersBroken:
            messages.error(request, _("A filter is not valid. Correct it, then choose again."))
            return redirect(self.next_url)

    @classmethod
    def permitted(cls, user: Any) -> bool:
        return may_see_contacts(user) and user.has_perm(cls.work.permission)

    @cached_property
    def contacts(self) -> Any:
        """The chosen contacts, not read yet."""
        return chosen(self.request)

    @cached_property
    def size(self) -> dict[str, int]:
        """How many contacts are chosen, and the highest number among them."""
        found = self.contacts.order_by().aggregate(count=Count("pk"), highest=Max("pk"))
        return {"count": found["count"], "highest": found["highest"] or 0}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.size["count"]:
            messages.warning(request, _("No contact is chosen, or those chosen are gone."))
            return redirect(self.next_url)
        return super().get(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), **self.size}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Passes by Wagtail's own, which reads every chosen contact."""
        count = self.size["count"]
        return {
            **FormView.get_context_data(self, **kwargs),
            "action": self,
            "count": count,
            "named": self.contacts.order_by("-pk")[:NAMED],
            "more": max(0, count - NAMED),
            "in_background": count > DIRECTLY,
            "next": self.next_url,
            "submit_url": self.request.get_full_path(),
            "header_title": self.display_name,
            "header_icon": self.icon,
            "breadcrumbs_items": self.breadcrumbs_items,
        }

    @property
    def breadcrumbs_items(self) -> list[dict[str, Any]]:
        url = reverse(f"{NAMESPACE}:index")
        return [{"url": url, "label": _("Contacts")}, {"url": "", "label": self.display_name}]

    def form_valid(self, form: BulkForm) -> HttpResponse:
        ids = self.confirmed_ids(form)
        if len(ids) != form.cleaned_data["count"]:
            return self.ask_again()
        answer = self.before(ids)
        if answer is not None:
            return answer
        if len(ids) > DIRECTLY:
            return self.leave_to_job(ids, form.values)
        return self.do(ids, form.values)

    def form_invalid(self, form: Any) -> HttpResponse:
        """What the page said when it asked is ours: without it, ask once more."""
        ours = form.errors.keys() & {"count", "highest"}
        return self.ask_again() if ours else super().form_invalid(form)

    def confirmed_ids(self, form: BulkForm) -> list[int]:
        """The chosen contacts, without those that came after the page had been shown."""
        known = self.contacts.filter(pk__lte=form.cleaned_data["highest"]).order_by("pk")
        return list(known.values_list("pk", flat=True))

    def ask_again(self) -> HttpResponse:
        """Somebody changed meanwhile what the filters find, or deleted a contact."""
        if not self.size["count"]:
            return self.get(self.request)
        text = _("The choice has changed meanwhile. Look at it again, then confirm.")
        messages.warning(self.request, text)
        form = self.get_form_class()(initial=self.get_initial())
        return self.render_to_response(self.get_context_data(form=form))

    def before(self, ids: list[int]) -> HttpResponse | None:
        """A hook of the site may refuse, or answer itself."""
        objects = Contact.objects.filter(pk__in=ids) if len(ids) <= DIRECTLY else self.contacts
        for hook in hooks.get_hooks("before_bulk_action"):
            answer = hook(self.request, self.action_type, objects, self)
            if hasattr(answer, "status_code"):
                return answer
        return None

    def do(self, ids: list[int], values: dict[str, Any]) -> HttpResponse:
        done = despite_collisions(partial(self._carry_out, ids, values))
        if not isinstance(done, tuple):
            return done
        self.tell(*done, len(ids))
        return redirect(self.next_url)

    def _carry_out(self, ids: list[int], values: dict[str, Any]) -> tuple[int, int] | HttpResponse:
        """How many contacts were changed and how many are protected, or the answer of a hook."""
        with transaction.atomic():
            contacts = list(Contact.objects.filter(pk__in=ids))
            changed, protected = self.execute_action(contacts, values=values)
            for contact in self.acted_on(contacts, protected):
                log(contact, f"wagtail_salesforce.{self.work.name}", user=self.request.user)
            for hook in hooks.get_hooks("after_bulk_action"):
                answer = hook(self.request, self.action_type, contacts, self)
                if hasattr(answer, "status_code"):
                    return answer
        return changed, protected

    @staticmethod
    def acted_on(contacts: list[Contact], protected: int) -> list[Contact]:
        """Those to name in the audit log: not those that are still there, as they are protected."""
        if not protected:
            return contacts
        ids = [contact.pk for contact in contacts]
        left = set(Contact.objects.filter(pk__in=ids).values_list("pk", flat=True))
        return [contact for contact in contacts if contact.pk not in left]

    @classmethod
    def execute_action(cls, objects: Any, **kwargs: Any) -> tuple[int, int]:
        """How many contacts were changed, and how many are protected."""
        return cls.work.perform([contact.pk for contact in objects], kwargs["values"])

    def tell(self, changed: int, protected: int, count: int) -> None:
        if changed:
            messages.success(self.request, self.done_message(changed))
        if protected:
            messages.error(self.request, protected_message(protected))
        if left := count - changed - protected:
            text = _("Contacts that needed no change: %(count)d.")
            messages.warning(self.request, text % {"count": left})

    def done_message(self, count: int) -> str:
        """To be overridden: what was done, for the message afterwards."""
        raise NotImplementedError

    def leave_to_job(self, ids: list[int], values: dict[str, Any]) -> HttpResponse:
        parameters = {"ids": pack(ids), "values": values}
        user = self.request.user
        with transaction.atomic():
            job = jobs.start(self.work.kind, parameters, total=len(ids), user=user)
            log(job, f"wagtail_salesforce.{self.work.name}", user=user, data={"count": len(ids)})
        return redirect(f"{NAMESPACE}:job", job.pk)
