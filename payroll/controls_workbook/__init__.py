"""The controls as a workbook: written, filled in by hand, read back."""
