"""The contract kit: what every core must do, as cases that a bank's team runs against its own.

`bank-adapter core check` runs them and tells what to mend; `pytest_plugin` makes a test of each.  A case is a plain
function over a `Ground`; what it needs to happen in the bank is done by a `Bench`.

    bench.py      the core under test and a hand inside it: acts that a real bank does by itself
    ground.py     what the cases stand on: the bench, sample values, reading to the end
    case.py       a case: what is promised, what to mend, which acts and capabilities it needs
    cases/        the cases by part of the contract; `catalogue.py` lists them all
    running.py    runs cases, one after another; `report.py` tells how it went
"""
