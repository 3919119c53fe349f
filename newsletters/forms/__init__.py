"""The forms of this room: `reader` for readers; `editor`, `audience` and `schedule` for the staff."""
