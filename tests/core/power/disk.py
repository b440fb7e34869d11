"""A disk that forgets, when its process is killed, whatever no fsync asked it to keep: `python disk.py MOUNT KEPT`."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import Any

import mfusepy  # type: ignore[import-untyped]  # it has no types


class Disk(mfusepy.Operations):  # type: ignore[misc]  # likewise
    """Files live in memory; what an fsync made durable stands in the folder `kept`."""

    use_ns = True

    def __init__(self, kept: Path) -> None:
        self.kept = kept
        self.files: dict[str, bytearray] = {}

    def _file(self, path: str) -> bytearray:
        if path not in self.files:
            raise mfusepy.FuseOSError(errno.ENOENT)
        return self.files[path]

    def getattr(self, path: str, fh: Any = None) -> dict[str, Any]:
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2, "st_uid": os.getuid(), "st_gid": os.getgid()}
        size = len(self._file(path))
        owner = {"st_uid": os.getuid(), "st_gid": os.getgid()}
        return {"st_mode": stat.S_IFREG | 0o644, "st_nlink": 1, "st_size": size, "st_blocks": size // 512, **owner}

    def readdir(self, path: str, fh: Any) -> list[str]:
        return [".", "..", *(name[1:] for name in self.files)]

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        self.files[path] = bytearray()
        return 0

    def open(self, path: str, flags: int) -> int:
        self._file(path)
        return 0

    def read(self, path: str, size: int, offset: int, fh: Any) -> bytes:
        return bytes(self._file(path)[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: Any) -> int:
        file = self._file(path)
        file.extend(bytes(max(0, offset - len(file))))
        file[offset : offset + len(data)] = data
        return len(data)

    def truncate(self, path: str, length: int, fh: Any = None) -> int:
        file = self._file(path)
        file.extend(bytes(max(0, length - len(file))))
        del file[length:]
        return 0

    def unlink(self, path: str) -> int:
        del self.files[path]
        (self.kept / path[1:]).unlink(missing_ok=True)
        return 0

    def fsync(self, path: str, datasync: int, fh: Any) -> int:
        (self.kept / path[1:]).write_bytes(self._file(path))
        return 0

    def flush(self, path: str, fh: Any) -> int:
        return 0

    def release(self, path: str, fh: Any) -> int:
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: Any) -> int:
        return 0

    def chmod(self, path: str, mode: int) -> int:
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        return 0

    def utimens(self, path: str, times: Any = None) -> int:
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        return {"f_bsize": 4096, "f_frsize": 4096, "f_blocks": 1 << 20, "f_bavail": 1 << 19, "f_bfree": 1 << 19}


if __name__ == "__main__":
    mfusepy.FUSE(Disk(Path(sys.argv[2])), sys.argv[1], foreground=True, nothreads=True)
