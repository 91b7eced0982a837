"""explain-pay: how the pay of one person came about, step by step."""
