"""Belgian gross to net in whole columns of int64 cents.

`engine` says the order; each dated function that a step of rules/parameters/steps.toml may name
stands in `social`, `withholding` or `garnishment` under its own name.
"""
