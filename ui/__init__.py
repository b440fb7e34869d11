"""Pages, derived from the registry."""
