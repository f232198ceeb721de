"""What the adapter talks about: frozen values and rules, standard library only."""
