"""Synthetic ordonnances: nobody's, and known to the letter.

A prescription is drawn as values first (`drawing`), then said in one of many French ways (`saying`), so that the truth
is known by construction: nothing is read back to make it.
"""
