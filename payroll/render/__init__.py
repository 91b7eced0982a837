"""One Table and its faces: the rows of a workbook, a laid out sheet, a PDF page, the screen."""
