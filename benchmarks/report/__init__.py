"""From raw results to a page: pure functions of one JSON."""
