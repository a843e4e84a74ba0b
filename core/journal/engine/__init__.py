"""Events as other programs read them: plain values in, text out."""
