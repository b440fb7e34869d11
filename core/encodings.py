"""Which encoding a text file is in: what its first bytes declare, else what all of it can be read as."""

from __future__ import annotations

import codecs
from pathlib import Path

from core.errors import Refused

BLOCK = 1 << 20
MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NAMES = {"cp949": "EUC-KR", "utf-8-sig": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}
HANGUL = range(0xAC00, 0xD7A4)
MOSTLY = 0.9


def encoding_of(path: Path, chosen: str = "") -> str:
    """The Python name of the encoding of a text file; `Refused` says where it stops being readable."""
    if chosen:
        return _checked(path, _named(chosen))
    with path.open("rb") as file:
        head = file.read(BLOCK)
    for mark, name in MARKS:
        if head.startswith(mark):
            return _checked(path, name)
    if b"\x00" in head:
        return _checked(path, _wide(head))
    fault = _fault(path, "utf-8")
    return "utf-8" if fault is None else _asian(path, head, fault)


def _asian(path: Path, head: bytes, fault: int) -> str:
    korean = _fault(path, "cp949") is None
    if korean and _hangul(head) >= MOSTLY:
        return "cp949"
    if _fault(path, "gb18030") is None:
        return "gb18030"
    if korean:
        return "cp949"
    raise _unreadable(path, fault, "utf-8")


def _named(name: str) -> str:
    """The Python name of an encoding that somebody chose; the older standards are read with their later additions."""
    try:
        found = codecs.lookup(name).name
    except LookupError:
        raise Refused("%(name)s is no encoding; write one like UTF-8, GB18030 or EUC-KR", name=name) from None
    return {"euc_kr": "cp949", "gb2312": "gb18030", "gbk": "gb18030", "utf-8": "utf-8-sig"}.get(found, found)


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: the zero bytes of its ASCII letters are all on one side."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if min(even, odd) * 10 > max(even, odd) or max(even, odd) * 20 < len(head):
        raise Refused("This is no text file; save it as CSV or XLSX")
    return "utf-16-le" if odd > even else "utf-16-be"


def _hangul(head: bytes) -> float:
    """How much of the text beyond ASCII is Hangul if it is read as Korean."""
    text = head[: BLOCK // 4].decode("cp949", "ignore")
    foreign = [one for one in text if ord(one) > 0x7F]
    return sum(ord(one) in HANGUL for one in foreign) / len(foreign) if foreign else 0.0


def _checked(path: Path, name: str) -> str:
    fault = _fault(path, name)
    if fault is not None:
        raise _unreadable(path, fault, name)
    return name


def _fault(path: Path, name: str) -> int | None:
    """Where a file cannot be read in an encoding, as a number of bytes from its beginning."""
    decoder = codecs.getincrementaldecoder(name)()
    before = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(block)
            except UnicodeDecodeError as fault:
                return before - held + fault.start
            before += len(block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return before
    return None


def _unreadable(path: Path, place: int, name: str) -> Refused:
    line = 1
    with path.open("rb") as file:
        while place > 0 and (block := file.read(min(BLOCK, place))):
            line += block.count(b"\n")
            place -= len(block)
    return Refused(
        "Line %(line)s cannot be read as %(encoding)s; save the file as UTF-8",
        code="encoding",
        line=line,
        encoding=NAMES.get(name, name.upper()),
    )
