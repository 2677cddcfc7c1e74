"""The computation core of Mitsumori: everything that is not a window. Imports no Qt."""
