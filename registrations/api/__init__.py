"""A participant's path for programs, one module a subject: the door, and registration from other people's sites."""
