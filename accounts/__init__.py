"""Who works here and what they may do, in which programme and province."""
