"""L0: the words of the product. Immutable values and frame schemas; knows no file, no clock."""
