"""Commands that a plugin adds: found, helped with, carried out, refused in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.boot import boot
from core.commands import Command
from core.errors import BootError, Refused
from core.hooks import hookimpl
from core.plugin import Plugin
from tradepost import discovery


def count(file: Path, least: int = 1) -> Iterator[str]:
    """Count the lines of a file."""
    lines = file.read_text(encoding="utf-8").splitlines()
    if len(lines) < least:
        raise Refused(f"{file.name} has {len(lines)} lines; at least {least} are needed")
    yield from (f"{number} {line}" for number, line in enumerate(lines, 1))


hooks = SimpleNamespace(tradepost_commands=hookimpl(lambda: [Command("count", count)]))
plugin = Plugin("line_tools", hooks=[hooks])


@pytest.fixture
def with_plugin(monkeypatch, tradepost):
    monkeypatch.setattr(discovery, "BUILT_IN", (*discovery.BUILT_IN, plugin))
    return tradepost


def test_a_command_of_a_plugin_stands_below_its_name(with_plugin, folder):
    (folder / "names.txt").write_text("Ann\nBob\n", encoding="utf-8")
    done = with_plugin("line-tools", "count", str(folder / "names.txt"))
    assert (done.code, done.out, done.err) == (0, "1 Ann\n2 Bob\n", "")


def test_what_it_refuses_is_a_sentence(with_plugin, folder):
    (folder / "names.txt").write_text("Ann\n", encoding="utf-8")
    done = with_plugin("line-tools", "count", str(folder / "names.txt"), "--least", "2")
    assert (done.code, done.out, done.err) == (1, "", "names.txt has 1 lines; at least 2 are needed\n")
    done = with_plugin("line-tools", "count", str(folder / "nothing.txt"))
    assert (done.code, done.err) == (1, f"{folder / 'nothing.txt'}: No such file or directory\n")


def test_help_shows_it_with_what_it_takes(with_plugin):
    assert "line-tools" in with_plugin("--help").out
    helped = with_plugin("line-tools", "count", "--help")
    assert (helped.code, helped.out.splitlines()[2].strip()) == (0, "Count the lines of a file.")
    assert "--least" in helped.out


def test_help_is_there_where_plugins_do_not_fit_and_a_command_says_why(monkeypatch, tradepost):
    monkeypatch.setattr(discovery, "BUILT_IN", (Plugin("lost", needs=["nothing"]),))
    assert tradepost("--help").code == 0
    assert tradepost("lost", "count").code == 3


def test_two_commands_of_a_name_are_refused():
    twice = SimpleNamespace(tradepost_commands=hookimpl(lambda: [Command("count", count), Command("count", count)]))
    with pytest.raises(BootError) as refused:
        boot([Plugin("tools", hooks=[twice])])
    assert refused.value.faults == ("tools: two commands have the name count; rename one",)
