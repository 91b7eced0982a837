"""The components of lines that the program itself names; the others are a register's pay codes."""

from __future__ import annotations

#: The scale salary: also the code of the whole gross of whom no register shows in detail.
BASE_SALARY = "base_salary"
#: The gap between the register's gross and its components.
GROSS_RESIDUAL = "gross_residual"
#: Household or residence allowance.
HOUSEHOLD_ALLOWANCE = "household_allowance"
#: What an index of public pay adds to a component since the known month.
INDEX_STEP = "index_step"
#: Gross of a bonus: hours x rate.
BONUS_GROSS = "bonus_gross"
#: A bonus below zero, taken off the salary that is paid with it.
BONUS_NETTED = "bonus_netted"
#: Holiday pay: gross for the reference year, and for the year in which somebody leaves.
HOLIDAY_PAY, HOLIDAY_PAY_LEAVING = "holiday_pay", "holiday_pay_leaving"
HOLIDAY_GROSS = (HOLIDAY_PAY, HOLIDAY_PAY_LEAVING)
#: What is kept of it, the first two by the steps of the law of these names.
HOLIDAY_CONTRIBUTION, HOLIDAY_WITHHOLDING = "holiday_pay_contribution", "holiday_pay_withholding"
HOLIDAY_GARNISHMENT = "holiday_pay_garnishment"
#: Every line of holiday pay, in the salaries or in its own stream: no part of a month's salary.
HOLIDAY_LINES = (*HOLIDAY_GROSS, HOLIDAY_CONTRIBUTION, HOLIDAY_WITHHOLDING, HOLIDAY_GARNISHMENT)
#: What the rules do not explain of the net of the reference month.
RESIDUAL = "residual"
#: The settlement of a quarter's special contribution, and the step that works it out.
SETTLEMENT, QUARTER = "special_contribution_settlement", "special_contribution_quarter"
#: Everything between gross and net, where the law could not be applied.
DEDUCTIONS_ESTIMATED = "deductions_estimated"
#: The net that the bank paid last month, where no register is left.
NET_AS_PAID = "net_as_paid"
#: Other people's money, and a net amount as typed: after the net that the law gives.
OTHER_DEDUCTIONS, GARNISHMENT, ONE_OFF_NET = "other_deductions", "garnishment", "one_off_net"
