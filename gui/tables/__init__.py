"""Tables on Qt's model and view: typed columns with units, one delegate, cells that a screen reader can read."""
