"""Present mode, and the summary on paper."""
