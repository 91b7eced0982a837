"""control-sheet.pdf: what is compared with the bank's screen and signed."""
