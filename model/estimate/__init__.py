"""What does the plan give? The one way in is ``estimate(plan)``.

A frozen :class:`Plan` in, a frozen, typed :class:`Estimate` out.
"""
