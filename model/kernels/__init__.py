"""What does one operation cost on one accelerator?

The fitted constants of the step model, shared by training and generation.
"""
