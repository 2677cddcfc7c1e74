"""Charts in pyqtgraph's scene: its view box zooms and pans, the chart paints itself in it. Nothing else imports pyqtgraph."""
