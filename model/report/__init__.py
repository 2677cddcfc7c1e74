"""How is an estimate written down: as text, as JSON, as the explanation of one figure?"""
