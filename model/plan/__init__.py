"""What does the user ask for?

The frozen :class:`Plan`, figures a user may replace, the join of a plan with the catalogue, project files and copies of
unsaved work.
"""
