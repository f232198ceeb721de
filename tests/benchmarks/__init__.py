"""How fast the product is, as ratios to a Flask view that answers a constant: `python -m tests.benchmarks`."""
