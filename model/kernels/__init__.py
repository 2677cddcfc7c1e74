"""What does one operation cost on one accelerator?

Matrix products, attention, element-wise work, collectives and launches, each a function of plain numbers or arrays, for
training and generation alike; and the fitted constants of the step model.
"""
