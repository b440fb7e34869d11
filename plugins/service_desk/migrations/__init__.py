"""The steps by which the tables of service_desk came to be."""
