"""The steps by which the tables of visits came to be."""
