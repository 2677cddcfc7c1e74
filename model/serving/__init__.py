"""How fast does a model answer, how many sequences fit, and what does a load need?

Steps of prefill and decode as sums of named terms (:mod:`.step`), what a load makes of them (:mod:`.load`), the memory of an
engine (:mod:`.memory`), shared constants fitted on measured runs (:mod:`.constants`). Everything broadcasts.
"""
