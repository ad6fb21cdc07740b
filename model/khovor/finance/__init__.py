"""The finance room: what a plan's money means to those who pay it, from the case and the result tables alone."""
