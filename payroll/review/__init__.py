"""L2: what people look at: the review workbook, the templates, the trace of a payment."""
