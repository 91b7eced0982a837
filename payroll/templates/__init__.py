"""Workbooks to be filled in by hand: the adjustments and the other lists."""
