"""What does a training step spend its time on?

Each module is one term: functions of the :class:`setting.Setting` of the step and of what they build on, returning seconds of
their own small grid. :mod:`model.training.step` lists and sums them.
"""
