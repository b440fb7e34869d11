"""GraphQL, derived from the registry."""
