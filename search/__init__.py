"""Search: indexes derived from the registry, and the engines that hold them."""
