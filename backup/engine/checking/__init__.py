"""Find what is damaged, vouch for what is sound, bring back what can be."""
