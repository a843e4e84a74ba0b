"""Synthetic ordonnances: nobody's, and known to the letter."""
