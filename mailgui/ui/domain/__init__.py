"""The Domain page."""
