"""Draws the icons of the installed app from `ui/static/logo.svg`.

.venv/bin/python -m scripts.icons
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

from ui.rendering import FOLDER

CHROMIUM = Path("/usr/bin/chromium")
ICONS = {"icon-180": (180, False), "icon-192": (192, False), "icon-512": (512, False), "maskable-512": (512, True)}


def main() -> None:
    """Draw each; a maskable one has no corners, and a drawing that stays inside the circle that is cut out."""
    logo = (FOLDER / "static" / "logo.svg").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for name, (size, masked) in ICONS.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            drawn = logo.replace('rx="7"', 'rx="0"') if masked else logo
            page.set_content(f"<style>body{{margin:0}}svg{{display:block;width:{size}px}}</style>{drawn}")
            page.screenshot(path=FOLDER / "static" / f"{name}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
