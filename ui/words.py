"""Messages that are written in one place and translated in another, and where the pages' catalogues lie."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark a message for translation where it is written; it is translated where it is shown."""
    return message
