"""How one person's salary and bonus were worked out: assembled from the rows of the record.

`explain` (explain.py) puts a tree of amounts together (tree.py), text.py writes it for people.
"""
