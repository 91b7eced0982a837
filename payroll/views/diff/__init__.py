"""What differs between two or three sides: one model, shown on screen, as workbook and as page."""
