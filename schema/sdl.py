"""The schema as text (SDL), for `tradepost schema` and the committed `schema.graphql`."""

from __future__ import annotations

from core.registry import Registry
from schema.assemble import assemble


def sdl(registry: Registry) -> str:
    """The schema definition of a registry."""
    return assemble(registry).sdl
