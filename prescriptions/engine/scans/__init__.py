"""From a file to its text with the place of each word: a PDF's text layer where it has one, else readers of images.

`reading.read_file` does it; it is called in a sandbox, since files are a stranger's (`boxed`). What is here loads none
of the libraries that open files, so that whoever only shows a scan doesn't either.
"""
