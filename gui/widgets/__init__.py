"""The window's own controls, painted from the theme tokens."""
