"""Whether a set of fictitious ordonnances tells of anybody: looked for in what leaves, not in what made it."""
