"""Our own static files and those of plugins, served for ever under an address that holds the hash of the whole tree."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2s
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it ships no types
from starlette.requests import Request
from starlette.responses import Response

from core.errors import NotFound

FOREVER = "public, max-age=31536000, immutable"
SMALLEST = 256
TYPES = {"css": "text/css", "js": "text/javascript", "png": "image/png", "svg": "image/svg+xml", "woff2": "font/woff2"}


@dataclass(frozen=True)
class StaticFile:
    """One file, with its compressed forms made when they are first asked for."""

    body: bytes
    media_type: str

    @property
    def _worthwhile(self) -> bool:
        return len(self.body) >= SMALLEST and (self.media_type.startswith("text/") or "svg" in self.media_type)

    @cached_property
    def br(self) -> bytes | None:
        """Compressed with brotli; nothing for what would not shrink."""
        return brotli.compress(self.body) if self._worthwhile else None

    @cached_property
    def gzip(self) -> bytes | None:
        """Compressed with gzip; nothing for what would not shrink."""
        return gzip.compress(self.body, 9, mtime=0) if self._worthwhile else None


@dataclass(frozen=True)
class StaticTree:
    """A folder of static files, read once; `hash` changes when any file does."""

    files: Mapping[str, StaticFile]
    hash: str = field(default="")

    @classmethod
    def read(cls, folder: Path, plugins: Mapping[str, Path] | None = None) -> StaticTree:
        """The files of our folder, and of each plugin's below its name (`visits/map.js`).

        Their types are ours, since what a machine says of JavaScript differs.
        """
        digest = blake2s(digest_size=6)
        files: dict[str, StaticFile] = {}
        for name, path in _found(folder, plugins or {}):
            body = path.read_bytes()
            digest.update(name.encode() + b"\0" + body)
            files[name] = StaticFile(body, TYPES.get(name.rpartition(".")[2], "text/plain"))
        return cls(files, digest.hexdigest())

    def address(self, name: str) -> str:
        """Where a file is served; `KeyError` for one that does not exist."""
        _ = self.files[name]
        return f"/s/{self.hash}/{name}"

    def answer(self, request: Request) -> Response:
        """A file; of an earlier release the same name, briefly cached, so that an open page keeps working."""
        found = self.files.get(request.path_params["name"])
        if found is None:
            raise NotFound
        current = request.path_params["hash"] == self.hash
        headers = {
            "Cache-Control": FOREVER if current else "no-cache",
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        accepted = request.headers.get("accept-encoding", "")
        for name, body in (("br", found.br), ("gzip", found.gzip)):
            if name in accepted and body is not None:
                return Response(body, media_type=found.media_type, headers=headers | {"Content-Encoding": name})
        return Response(found.body, media_type=found.media_type, headers=headers)


def _found(folder: Path, plugins: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    for prefix, one in (("", folder), *((f"{name}/", plugins[name]) for name in sorted(plugins))):
        for path in sorted(path for path in one.rglob("*") if path.is_file()):
            yield prefix + path.relative_to(one).as_posix(), path
