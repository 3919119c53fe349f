"""What people and staff see of a registration, one module a subject."""
