"""Second opinions on what the grammar read: they change how sure it is, never what it says.

A tagger trained on synthetic lines marks what each word is about; a local language model is asked for the same
structure, and believed only where the grammar reads it from words that stand in the text.
"""
