"""Which servers, accelerators, models, clouds and tariffs are known, and who says so?

Record types with a source for every figure, the :class:`Catalogue` object that is handed in everywhere, accelerators as
arrays, and catalogue files of the user.
"""
