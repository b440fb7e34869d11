"""Asks Lighthouse about six kinds of pages, as a desktop and as a phone, and prints what it gives them.

Started by `scripts/lighthouse`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from tradepost.demo.company import PASSWORD

PAGES = ("/sign-in", "/", "/sales/customers", "/sales/opportunities/board", "/sales/customers/{id}", "/sales/leads/new")
PROFILES = {"desktop": ("--preset=desktop",), "phone": ()}
ALWAYS = ("accessibility", "best-practices")
PATIENCE = 300
CHROME = "--headless=new --no-sandbox"


def ask(server: str, path: str, cookie: str = "", form: dict[str, str] | None = None) -> tuple[int, str, str]:
    """The status, the cookies and the body of an answer."""
    connection = HTTPConnection(urlsplit(server).netloc, timeout=60)
    headers = {"Cookie": cookie, "Origin": server, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST" if form else "GET", path, urlencode(form) if form else None, headers)
    answer = connection.getresponse()
    body = answer.read().decode()
    cookies = "; ".join(one.partition(";")[0] for one in answer.headers.get_all("set-cookie") or ())
    return answer.status, cookies, body


def wait(server: str) -> None:
    """Until the demo has made its data and answers."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            if ask(server, "/healthz")[0] == 200:
                return
        except OSError:
            if time.monotonic() > until:
                raise
        time.sleep(1)


def report(command: tuple[str, str], profile: str, kinds: tuple[str, ...], cookie: str, file: Path) -> Any:
    """What Lighthouse finds on a page; `command` is its program and the page's address."""
    headers = file.with_name("headers.json")
    headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}), encoding="utf-8")
    told = (f"--only-categories={','.join(kinds)}", f"--extra-headers={headers}", "--output=json", "--quiet")
    # A tab's stream of news never ends, and Lighthouse would wait for it.
    blocked = ("--blocked-url-patterns=*/live?*", f"--chrome-flags={CHROME}", f"--output-path={file}")
    subprocess.run([*command, *told, *blocked, *PROFILES[profile]], check=True)  # noqa: S603 - our own words
    return json.loads(file.read_text(encoding="utf-8"))


def faults(found: Any, kinds: tuple[str, ...]) -> Iterator[str]:
    """What keeps a page from 100."""
    for kind in kinds:
        category = found["categories"][kind]
        if category["score"] == 1:
            continue
        audits = [found["audits"][one["id"]] for one in category["auditRefs"] if one["weight"]]
        yield from (f"  {kind}: {one['title']}" for one in audits if one["score"] not in (1, None))


def main(server: str, lighthouse: str, folder: str, *options: str) -> int:
    """One line for each page and profile; 1 where anything is below 100."""
    wait(server)
    _, cookie, _ = ask(server, "/sign-in", form={"login": "admin", "password": PASSWORD})
    _, _, rows = ask(server, "/sales/customers", cookie)
    record = rows.partition('data-row="/sales/customers/')[2][:36]
    kinds = (*ALWAYS, *(("performance",) if "--performance" in options else ()))
    bad = False
    for profile, page in product(PROFILES, PAGES):
        mine = "" if page == "/sign-in" else cookie
        found = report((lighthouse, server + page.format(id=record)), profile, kinds, mine, Path(folder) / "found.json")
        scores = [round(100 * (found["categories"][kind]["score"] or 0)) for kind in kinds]
        print(profile, page, *(f"{kind} {score}" for kind, score in zip(kinds, scores, strict=True)), flush=True)
        for one in faults(found, kinds):
            print(one, flush=True)
        bad |= min(scores) < 100
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
