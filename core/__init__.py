"""The kernel: who is asking, what they may see, what changes, what is remembered."""
