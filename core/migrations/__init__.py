"""The steps by which the tables of core came to be."""
