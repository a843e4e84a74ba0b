"""Who judges what, when who is reminded, and the evidence as a PDF: plain Python."""
