"""How the pages look to somebody: colours, density, contrast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

E = TypeVar("E", bound=Enum)


class Theme(Enum):
    """The colours of the pages."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Density(Enum):
    """How close things stand on the pages of a wide screen; on a phone thumbs need their room."""

    COMFORTABLE = "comfortable"
    DENSE = "dense"


class Contrast(Enum):
    """How strongly letters and lines stand out."""

    AUTO = "auto"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Look:
    """How the pages look to somebody; kept as its words."""

    theme: Theme = Theme.AUTO
    density: Density = Density.COMFORTABLE
    contrast: Contrast = Contrast.AUTO

    @classmethod
    def of(cls, words: Sequence[str]) -> Look:
        """The look of some words, such as `["dark", "dense", "high"]`; a word that is unknown counts as the first."""
        theme, density, contrast = (*words, "", "", "")[:3]
        return cls(_known(Theme, theme), _known(Density, density), _known(Contrast, contrast))

    @property
    def words(self) -> tuple[str, str, str]:
        """What is kept."""
        return self.theme.value, self.density.value, self.contrast.value


def _known(kind: type[E], word: str) -> E:
    return next((one for one in kind if one.value == word), next(iter(kind)))
