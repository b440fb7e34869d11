"""The built-in plugins, written as a partner would write them."""
