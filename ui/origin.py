"""Whether a request that changes something comes from one of our own pages.

No tokens: browsers say where a request comes from. `Sec-Fetch-Site` is only sent over https and to this machine, so on
an intranet over plain http the `Origin` decides; a request with neither is no browser's of today and is refused, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def same_origin(method: str, headers: Mapping[str, str]) -> bool:
    """Whether the request may act with the cookie it carries."""
    if method in SAFE:
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
