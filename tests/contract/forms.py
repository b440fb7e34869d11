"""The forms of pages, read and filled as a browser does."""

from __future__ import annotations

from html.parser import HTMLParser


class Filled(HTMLParser):
    """What a browser would send back of the form that posts to an address."""

    def __init__(self, text: str, action: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._action = action
        self._inside = False
        self._select = self._area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("action") == self._action
        if not self._inside:
            return
        name, kind = given.get("name", ""), given.get("type", "")
        ticked = kind not in ("checkbox", "radio") or "checked" in given
        if tag == "input" and name and ticked and kind not in ("submit", "file"):
            self.values[name] = given.get("value", "on" if kind == "checkbox" else "")
        if tag == "select":
            self._select = name
        if tag == "option" and self._select and ("selected" in given or self._select not in self.values):
            self.values[self._select] = given.get("value", "")
        if tag == "textarea":
            self._area = name
            self.values[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data
