"""The Compare page: two profiles, the same message in turns, and what it measured."""
