"""The rules of a programme: how it is loaded, how its targets are counted."""
