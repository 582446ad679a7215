"""This project measured against its peers, and against itself: ``make bench``."""
