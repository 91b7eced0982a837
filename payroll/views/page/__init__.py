"""review.html: one page that opens anywhere and asks for nothing."""
