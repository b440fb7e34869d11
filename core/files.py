"""Attachments: files on records, kept outside the database under random names."""

from __future__ import annotations

from core.fields import integer, text
from core.model import Meta, Model


class File(Model):
    """A file attached to a record; its rights are the record's."""

    meta = Meta(title="name", internal=True, indexes=(("model", "record"),))

    name = text(255, required=True)
    media_type = text(127, required=True)
    size = integer(required=True, minimum=0)
    digest = text(64, required=True)
    model = text(120, required=True)
    record = text(36, required=True)
