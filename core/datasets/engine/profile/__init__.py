"""What the columns of a table hold, told in counts none of which is about a few people."""
