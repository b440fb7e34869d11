"""Templates keep the rules that a strict content security policy and a browser without script ask for."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from core.plugin import Plugin
from tests.architecture.sources import ROOT
from tradepost.discovery import BUILT_IN

FOLDERS = [ROOT / "ui" / "templates", *(ROOT / "plugins" / one.name / "templates" for one in BUILT_IN)]
TEMPLATES = sorted(path for folder in FOLDERS for path in folder.rglob("*.html"))
TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
VOICE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
SAFE = re.compile(r"\|\s*safe\b")
UNLABELLED = {"hidden", "submit", "button"}


class Reader(HTMLParser):
    """Collects what a template must not do."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.labelled: set[str] = set()
        self.inputs: list[dict[str, str]] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        for name, value in found.items():
            if name == "style" or name.startswith(("on", "hx-on", "hx-live", "hx-vars")):
                self.faults.append(f"<{tag}> has {name}")
            if value.startswith(("js:", "javascript:")) or (name == "hx-trigger" and "[" in value):
                self.faults.append(f"<{tag}> has {name}={value}, which needs eval")
        if tag == "script" and not found.get("src"):
            self.faults.append("<script> without src")
        if tag == "style":
            self.faults.append("<style>")
        if tag == "form" and found.get("method") != "dialog" and not (found.get("method") and "action" in found):
            self.faults.append("<form> without method and action")
        if tag == "a" and "hx-get" in found and found.get("href") != found["hx-get"]:
            self.faults.append("<a> whose hx-get is not its href")
        if tag == "button" and ({"hx-get", "hx-post"} & set(found)):
            self.faults.append("<button> that needs script")
        if tag == "label":
            self.depth += 1
            self.labelled.add(found.get("for", ""))
        shown = tag in {"input", "select", "textarea"} and found.get("type") not in UNLABELLED and "hidden" not in found
        if shown and not self.depth and "aria-label" not in found:
            self.inputs.append(found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self.depth -= 1


def faults_of(text: str) -> list[str]:
    reader = Reader()
    reader.feed(VOICE.sub("x", TAG.sub("", text)))
    unlabelled = [one for one in reader.inputs if one.get("id", "") not in reader.labelled]
    faults = reader.faults + [f"a field without a label: {one}" for one in unlabelled]
    return faults + ["|safe" for _ in SAFE.findall(text)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_works_without_script_and_under_the_policy(path: Path):
    text = path.read_text(encoding="utf-8")
    allowed = path.name == "ui.html"  # its fields get their labels from `ui.field`
    assert [one for one in faults_of(text) if not (allowed and one.startswith("a field without"))] == []


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color: red">',
        '<button onclick="go()">',
        '<div hx-on:click="go()">',
        "<script>go()</script>",
        '<form action="/x">',
        '<a href="/x" hx-get="/y">',
        '<button hx-post="/x">',
        '<div hx-trigger="click[ctrlKey]">',
        '<input name="x">',
        "{{ text | safe }}",
    ],
)
def test_the_lint_sees_what_is_forbidden(text: str):
    assert len(faults_of(text)) == 1


def test_there_are_templates():
    assert len(TEMPLATES) >= 25
    assert isinstance(BUILT_IN[0], Plugin)
