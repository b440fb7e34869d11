"""Brings the catalogues of all packages up to date; run by `scripts/messages`."""

from __future__ import annotations

import sys
from pathlib import Path

from core.boot import boot
from core.kernel import plugin as kernel
from core.languages import folder_of, read_catalogue
from core.messages import ASKED, Message, catalogue_path, derived, translated_languages, updated, written
from tradepost.discovery import BUILT_IN

ROOT = Path(__file__).parents[1]
ROOMS = ("schema", "search", "ui")  # the command line speaks English


def spoken() -> dict[Path, set[Message]]:
    """Every package with its messages."""
    from_declarations = derived(boot(BUILT_IN))
    found = {ROOT / room: written(ROOT / room) for room in ROOMS}
    for plugin in (kernel, *BUILT_IN):
        folder = folder_of(plugin)
        if folder:
            asked = () if plugin is kernel else ASKED
            found[folder] = written(folder, asked) | from_declarations.get(plugin.name, set())
    return {folder: messages for folder, messages in found.items() if messages}


def main(arguments: list[str]) -> int:
    """Write what changed, or with `--check` only say so; the exit code is 1 for an outdated catalogue."""
    outdated = 0
    for folder, messages in spoken().items():
        for language in translated_languages():
            path = catalogue_path(folder, language)
            content = updated(path, language, messages)
            if not path.is_file() or path.read_bytes() != content:
                outdated += 1
                if "--check" not in arguments:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
            waiting = len(messages) - len(read_catalogue(path, language).messages) if path.is_file() else len(messages)
            print(f"{path.relative_to(ROOT)}: {len(messages)} messages, {waiting} to translate")
    return 1 if outdated and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
