"""The steps by which the tables of loyalty came to be."""
