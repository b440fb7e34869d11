"""Tradepost as an app on a phone or a desktop: its manifest, its service worker, the page for no connection."""

from __future__ import annotations

import orjson
from starlette.responses import Response

from ui.visitor import Visitor
from ui.words import N_

ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("maskable-512.png", "512x512", "maskable"),
)
SHORTCUTS = ((N_("Home"), "/"), (N_("Search"), "/search"), (N_("Notifications"), "/notifications"))
GROUND = "#f6f7f9"
WORKER_POLICY = "default-src 'none'; connect-src 'self'"


async def show_manifest(visitor: Visitor) -> Response:
    """What a device that installs the app is told: its name, icons, colours and where it begins."""
    address = visitor.site.renderer.static.address
    told = {
        "id": "/",
        "name": visitor.shell.company,
        "short_name": visitor.shell.company[:12],
        "description": visitor.gettext("Customers, orders, service and visits"),
        "lang": visitor.shell.tag,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": GROUND,
        "icons": [
            {"src": address("logo.svg"), "sizes": "any", "type": "image/svg+xml"},
            *({"src": address(name), "sizes": size, "type": "image/png", "purpose": why} for name, size, why in ICONS),
        ],
        "shortcuts": [{"name": visitor.gettext(text), "url": url} for text, url in SHORTCUTS],
    }
    return Response(orjson.dumps(told), media_type="application/manifest+json", headers={"Cache-Control": "no-cache"})


async def show_worker(visitor: Visitor) -> Response:
    """The service worker of this release; another release is another worker."""
    static = visitor.site.renderer.static
    body = f'const RELEASE = "{static.hash}";\n'.encode() + static.files["worker.js"].body
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": WORKER_POLICY}
    return Response(body, media_type="text/javascript", headers=headers)


async def show_offline(visitor: Visitor) -> Response:
    """The page that stands in for every other while there is no connection; it holds nothing personal."""
    return visitor.page("offline.html")
