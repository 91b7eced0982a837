"""L2: last known month + adjustments -> this month's lines, payments and what remains to be done.

Staff (salaries, bonuses), practitioners' fees and supplier invoices; frames in, frames out.
"""
