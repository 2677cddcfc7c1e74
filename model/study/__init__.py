"""Which plan would be better?

Ranked layouts, bottlenecks, goal seek, trade-offs, the training-time table, large grids.
"""
