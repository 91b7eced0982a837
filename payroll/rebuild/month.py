"""The month rebuilt: every stream that is ordered, then the payments they come to."""

from __future__ import annotations

import pandas as pd

from payroll.model.findings import Finding
from payroll.model.frames import (
    DROPPED,
    LINES,
    PAYMENT_TARGETS,
    SALARY_CHANGES,
    TO_TRUE_UP,
    FrameSchema,
)
from payroll.model.order import Employer, PayrunOrder
from payroll.model.results import Rebuilt
from payroll.model.tables import SourceTables
from payroll.rebuild.adjustments import read_adjustments
from payroll.rebuild.bonuses import rebuild_bonuses
from payroll.rebuild.fees import rebuild_fees
from payroll.rebuild.invoices import rebuild_invoices
from payroll.rebuild.payments import assemble_payments
from payroll.rebuild.salaries import rebuild_salaries
from payroll.rulebook.book import RuleBook
