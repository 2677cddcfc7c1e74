"""The inputs pane: a table of fields, the rows that show them, and the six foldable groups."""
