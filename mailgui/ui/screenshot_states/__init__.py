"""States of the window to draw, a module a part; ``screenshots`` calls them."""
