"""Which numbers, texts and files does everything else stand on?

Units and broadcasting arrays, :class:`~mitsumori.model.base.figure.Figure` with its provenance, numbers as text, messages in
both languages, refusals, findings with remedies, and safe writing of files. Knows nothing of language models.
"""
