"""Words of the window: names of results, records, plan paths and sources, in Japanese and English."""
