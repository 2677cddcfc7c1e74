"""Looks of the window: tokens of colour and type, the style, icons."""
