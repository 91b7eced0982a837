"""Answers in the shapes that banks give them: synthetic, with the elements of the standard."""
