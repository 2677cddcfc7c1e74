"""Charts drawn with one painter: the same code paints the window, the copied picture and the printed page."""
