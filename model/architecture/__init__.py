"""What does a model of a given shape consist of, and how is it divided over accelerators?

Counts of parameters, FLOPs and KV bytes of a transformer; the parallel layout as broadcasting arrays; software stacks and
what they do by year.
"""
