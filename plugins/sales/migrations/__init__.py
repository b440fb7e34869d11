"""The steps by which the tables of sales came to be."""
