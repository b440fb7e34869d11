"""What all pages share: the kernel, the static files, the templates."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

from core.app import Kernel
from core.company import Companies, Company
from core.exchange import Exchange
from core.languages import Languages, folder_of
from core.registry import ModelSpec, Registry
from ui.export_desk import ExportDesk
from ui.import_desk import ImportDesk
from ui.rendering import Renderer
from ui.static_files import StaticTree
from ui.words import FOLDER

KEPT_SECONDS = 10.0


@dataclass
class CompanyNow:
    """The company's settings, asked for at most every few seconds: they stand on every page and hardly ever change."""

    companies: Companies
    kept: Company = field(default_factory=Company)
    until: float = 0.0

    async def get(self) -> Company:
        """The settings, at most some seconds old."""
        if monotonic() >= self.until:
            self.kept = await self.companies.get()
            self.until = monotonic() + KEPT_SECONDS
        return self.kept

    def forget(self) -> None:
        """Ask again next time."""
        self.until = 0.0


@dataclass(frozen=True)
class Site:
    """The pages of one booted app."""

    kernel: Kernel
    renderer: Renderer
    company: CompanyNow
    exchange: Exchange
    desk: ImportDesk
    exports: ExportDesk

    @property
    def registry(self) -> Registry:
        """All that the app knows."""
        return self.kernel.registry

    @property
    def languages(self) -> Languages:
        """The translations."""
        return self.kernel.languages

    def spec(self, label: str) -> ModelSpec:
        """A model by its label."""
        return self.registry.models[label]


def build_site(kernel: Kernel) -> Site:
    """The pages' shared parts, made once at boot."""
    static = StaticTree.read(FOLDER / "static", _folders(kernel.registry, "static"))
    renderer = Renderer(kernel.languages, static, _folders(kernel.registry, "templates"))
    exchange = Exchange(kernel.reader, kernel.operations)
    desk = ImportDesk(kernel.settings.data / "imports", exchange, kernel.languages)
    exports = ExportDesk(kernel.settings.data / "exports")
    return Site(kernel, renderer, CompanyNow(kernel.companies), exchange, desk, exports)


def _folders(registry: Registry, kind: str) -> dict[str, Path]:
    """The folders of a kind that plugins have, by their names."""
    folders = {plugin.name: folder_of(plugin) for plugin in registry.plugins}
    return {name: one / kind for name, one in folders.items() if one and (one / kind).is_dir()}


class Sites:
    """The site of the moment, made anew when the registry changed; a request ends on the one that it began with."""

    def __init__(self, kernel: Kernel) -> None:
        self.site = build_site(kernel)

    async def now(self) -> Site:
        """The site for a request that begins."""
        kernel = await self.site.kernel.renewal.current()
        if kernel is not self.site.kernel:
            exchange = Exchange(kernel.reader, kernel.operations)
            self.site.desk.exchange = exchange  # it has imports at hand, which go on
            self.site = replace(self.site, kernel=kernel, exchange=exchange)
        return self.site
