"""The steps by which the tables of distribution came to be."""
