"""Files on a record: attaching, saving, removing them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.responses import Response, StreamingResponse

from core.errors import Refused
from core.files import Attachment
from core.model import Model
from core.registry import ModelSpec
from ui.cells import address
from ui.visitor import Visitor

BLOCK = 1 << 18
KILO = 1024


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file of a record, ready to be shown."""

    id: str
    name: str
    size: str
    ago: str


async def attached(visitor: Visitor, spec: ModelSpec) -> tuple[AttachedFile, ...]:
    """The files of the record of the address."""
    found = await visitor.site.kernel.files.of(visitor.caller, spec.model, visitor.id())
    return tuple(_shown(visitor, one) for one in found)


def _shown(visitor: Visitor, one: Attachment) -> AttachedFile:
    return AttachedFile(str(one.id), one.name, size(visitor, one.size), visitor.formats.ago(one.created_at))


def size(visitor: Visitor, count: int) -> str:
    """A number of bytes as people say it."""
    for unit in ("B", "kB", "MB"):
        if count < KILO:
            return f"{visitor.formats.number(count)} {unit}"
        count //= KILO
    return f"{visitor.formats.number(count)} GB"


async def attach(visitor: Visitor, spec: ModelSpec) -> Response:
    """Attach what was sent."""
    if not await attach_sent(visitor, "file", spec.model, visitor.id()):
        raise Refused("Choose a file first")
    return visitor.goto(address(spec, visitor.id()), visitor.gettext("Attached"))


async def attach_sent(visitor: Visitor, field: str, model: type[Model], record: UUID) -> list[Attachment]:
    """Attach the files of a field of the form that was sent."""
    form = await visitor.form()
    sent = [one for one in form.getlist(field) if isinstance(one, UploadFile) and one.filename]
    files = visitor.site.kernel.files
    return [await files.attach(visitor.caller, model, record, str(one.filename), _blocks(one)) for one in sent]


async def _blocks(file: UploadFile) -> AsyncIterator[bytes]:
    while block := await file.read(BLOCK):
        yield block


async def download(visitor: Visitor) -> Response:
    """A file, to be saved; a browser never shows it within our pages."""
    found, blocks = await visitor.site.kernel.files.open(visitor.caller, visitor.id())
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
        "Content-Length": str(found.size),
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return StreamingResponse(blocks, media_type=found.media_type, headers=headers)


async def remove(visitor: Visitor) -> Response:
    """Take a file off its record."""
    await visitor.site.kernel.files.remove(visitor.caller, visitor.id())
    back = str((await visitor.form()).get("back", "/"))
    return visitor.goto(back if back.startswith("/") and not back.startswith("//") else "/", visitor.gettext("Removed"))
