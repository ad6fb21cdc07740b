"""Decomposition by Benders: decisions in one program, the operation of each future in a program of its own."""
