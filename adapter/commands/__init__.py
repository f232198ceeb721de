"""Groups of `bank-adapter` that need a module of their own."""
