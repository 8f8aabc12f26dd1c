"""Files of contacts to import, kept privately in the database until they are deleted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.jobs.models import Job


class ContactImport(models.Model):
    """A CSV file somebody wants to import, what its columns mean, and its latest run.

    `options` are those of `importing.options.Options` as JSON, `targets` what each column fills
    (a contact field, an attribute, "full_name", or "" for nothing), in the file's order.
    """

    name = models.CharField(_("file"), max_length=200)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    lines = models.PositiveBigIntegerField(_("lines"), default=0)
    options = models.JSONField(default=dict)
    # By encoding: the first line that is not in it, 0 when all are.
    checks = models.JSONField(default=dict)
    targets = models.JSONField(default=list)
    # The latest run, whether it only tried.
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    dry_run = models.BooleanField(default=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    # When the file and the refused rows were deleted; the counts stay.
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("import of contacts")
        verbose_name_plural = _("imports of contacts")
        default_permissions = ()
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_running(self) -> bool:
        """Whether a run is waiting or under way."""
        return self.job is not None and not self.job.is_over

    @property
    def is_done(self) -> bool:
        """Whether contacts were imported from it, to the end of the file or in part."""
        return self.job is not None and not self.dry_run


class ImportPiece(models.Model):
    """A part of an import's file, as it was uploaded. All but the last have the same size."""

    contact_import = models.ForeignKey(
        ContactImport, on_delete=models.CASCADE, related_name="pieces"
    )
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["contact_import", "number"], name="ws_import_piece_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_import_id}/{self.number}"


class ImportRefusal(models.Model):
    """A row that was refused, with its cells, or a note on one that was taken, without them."""

    contact_import = models.ForeignKey(
        ContactImport, on_delete=models.CASCADE, related_name="refusals"
    )
    line = models.PositiveBigIntegerField(_("line"))
    reason = models.TextField(_("reason"))
    cells = models.JSONField(default=list)
    # Whether it is only a note: the row was taken.
    is_note = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["contact_import", "is_note", "id"], name="ws_import_refusal"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_import_id}: {self.line}"


class ImportedAddress(models.Model):
    """An address that a run has met (only its hash), to tell when a file repeats it.

    The rows serve one run and are deleted at its end, so they carry no constraint to check.
    """

    contact_import = models.ForeignKey(
        ContactImport, on_delete=models.CASCADE, db_constraint=False, related_name="addresses"
    )
    digest = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["contact_import", "digest"], name="ws_imported_address_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.digest)
