"""Where keys are kept: on paper, in shares, in an agent, in a token."""
