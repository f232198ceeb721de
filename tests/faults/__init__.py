"""The fault harness: real processes, real faults, and a checker that shares no code with the product.

    python -m tests.faults --row web-kills --scale small      one row
    python -m tests.faults --scale full                       all rows, as `make faults` runs them

Each row in `rows/` breaks one thing while partners import payments or follow statements.  What every partner was told
is written down as it happens (`history`); afterwards the checker compares it with the adapter's database and the
core's.
"""
