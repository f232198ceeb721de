"""Fields 101 and 104-110 of a payment to the budget, which stand in `Tax`: where to read and how to write them."""

from __future__ import annotations

from collections.abc import Mapping

from adapter.domain.payments import BudgetDetails
from adapter.formats.iso20022.xml_writing import element, wrap

# The fields of `BudgetDetails`; older versions of the messages have another name for the zone than newer ones.
PLACES: Mapping[str, tuple[str, ...]] = {
    "drawer_status": ("Tax/Rcrd/DbtrSts",),
    "kbk": ("Tax/Rcrd/Ctgy",),
    "oktmo": ("Tax/AdmstnZn", "Tax/AdmstnZone"),
    "reason": ("Tax/Mtd",),
    "tax_period": ("Tax/Rcrd/FrmsCd",),
    "basis_number": ("Tax/RefNb",),
    "basis_date": ("Tax/Rcrd/CertId",),
    "payment_type": ("Tax/Rcrd/Tp",),
}


def tax_element(budget: BudgetDetails | None, zone: str) -> str:
    """The `Tax`, in the order of the schema; `zone` names the element of the OKTMO in this version."""
    if budget is None:
        return ""
    record = (
        element("Tp", budget.payment_type)
        + element("Ctgy", budget.kbk)
        + element("DbtrSts", budget.drawer_status)
        + element("CertId", budget.basis_date)
        + element("FrmsCd", budget.tax_period)
    )
    head = element(zone, budget.oktmo) + element("RefNb", budget.basis_number) + element("Mtd", budget.reason)
    return wrap("Tax", head + wrap("Rcrd", record))
