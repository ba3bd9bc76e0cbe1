"""A demonstration: orders of every kind, followed to their end."""
