"""Readers of files fed with damaged ones: no exception but our own, no long wait, no hunger for memory."""
