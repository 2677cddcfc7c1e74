"""Dialogs over the window: export, import, catalogue, calibration, guide, explanation of a figure."""
