"""review.xlsx: the workbook that is read before anybody signs."""
