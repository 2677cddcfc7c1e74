"""Fuzzing of everything that reads what a stranger wrote: :mod:`tests.fuzz.targets` says what is promised."""
