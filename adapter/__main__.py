"""`python -m adapter` is `bank-adapter`."""

from adapter.cli import main

main()
