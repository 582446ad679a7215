"""System checks: the problem in ``msg``, the cure in ``hint``."""
