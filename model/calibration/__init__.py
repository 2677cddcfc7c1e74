"""How near are predictions to measured runs, and how wide are honest intervals?

Rows of measured runs, backtest, intervals, fitting of the constants.
"""
