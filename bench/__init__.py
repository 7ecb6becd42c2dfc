"""Measurements: ``./run bench [NAME]``."""
