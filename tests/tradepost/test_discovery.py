"""Which plugins an app boots with."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from core.errors import BootError, Refused
from core.plugin import Plugin
from core.settings import load_settings
from tradepost import discovery

LOYALTY = Plugin("loyalty", needs=["sales>=1"])
NEEDY = Plugin("needy", needs=["nowhere"])
NOT_A_PLUGIN = "something"


@pytest.fixture
def settings(tmp_path):
    return load_settings(data=tmp_path)


@pytest.fixture
def installed(monkeypatch):
    def install(*entries: EntryPoint) -> None:
        monkeypatch.setattr(discovery, "entry_points", lambda group: entries if group == "tradepost" else ())

    return install


def _entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, f"{__name__}:{value}", "tradepost")


def names(plugins) -> list[str]:
    return [one.name for one in plugins]


def test_built_in_plugins_come_first_then_installed_ones(installed, settings):
    installed(_entry("loyalty", "LOYALTY"))
    assert names(discovery.load_plugins(settings)) == [*names(discovery.BUILT_IN), "loyalty"]


def test_all_faults_of_installed_packages_are_named_at_once(installed, settings):
    installed(_entry("wrong", "NOT_A_PLUGIN"), EntryPoint("lost", "no_such_package:plugin", "tradepost"))
    with pytest.raises(BootError) as caught:
        discovery.load_plugins(settings)
    assert caught.value.faults == (
        (
            "lost (unknown package): cannot be imported: ModuleNotFoundError: No module named 'no_such_package';"
            " repair or uninstall it"
        ),
        f"wrong (unknown package): {__name__}:NOT_A_PLUGIN is no Plugin; let the entry point name one",
    )


def test_a_plugin_that_is_switched_off_stays_off_until_it_is_switched_on(installed, settings):
    installed(_entry("loyalty", "LOYALTY"))
    discovery.switch(settings, "loyalty", on=False)
    assert discovery.switched_off(settings) == {"loyalty"}
    assert names(discovery.load_plugins(settings)) == names(discovery.BUILT_IN)
    discovery.switch(settings, "loyalty", on=True)
    assert names(discovery.load_plugins(settings)) == [*names(discovery.BUILT_IN), "loyalty"]


BROKEN = EntryPoint("lost", "no_such_package:plugin", "tradepost")


def test_a_plugin_that_cannot_be_imported_can_be_switched_off(installed, settings):
    installed(_entry("loyalty", "LOYALTY"), BROKEN)
    discovery.switch(settings, "lost", on=False)
    assert discovery.switched_off(settings) == {"lost"}
    assert names(discovery.load_plugins(settings)) == [*names(discovery.BUILT_IN), "loyalty"]
    with pytest.raises(BootError, match="lost \\(unknown package\\): cannot be imported"):
        discovery.switch(settings, "lost", on=True)
    assert discovery.switched_off(settings) == {"lost"}


def test_of_several_broken_plugins_one_after_the_other_is_switched_off(installed, settings):
    installed(_entry("needy", "NEEDY"), _entry("wrong", "NOT_A_PLUGIN"), BROKEN)
    for name in ("lost", "needy", "wrong"):
        discovery.switch(settings, name, on=False)
    assert names(discovery.load_plugins(settings)) == names(discovery.BUILT_IN)


def test_what_another_plugin_needs_cannot_be_switched_off(installed, settings):
    installed(_entry("loyalty", "LOYALTY"))
    with pytest.raises(BootError, match="loyalty: needs sales, which is not installed"):
        discovery.switch(settings, "sales", on=False)
    assert discovery.switched_off(settings) == frozenset()


def test_a_plugin_that_does_not_exist_cannot_be_switched(installed, settings):
    installed()
    with pytest.raises(Refused, match="There is no plugin loyalty; there are sales"):
        discovery.switch(settings, "loyalty", on=False)
