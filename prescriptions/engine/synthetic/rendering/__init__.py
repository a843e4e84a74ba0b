"""Documents on paper: laid out by Typst, with the place of every character, worn where it is asked for."""
