"""Every code of the engine in words: what happened, and what to do; one module for what they speak of."""
