"""Everything that can go wrong at once, for some minutes, and then a reckoning from the marks: ``make chaos``."""
