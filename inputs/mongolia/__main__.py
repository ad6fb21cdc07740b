"""Write the shipped case."""

from inputs.mongolia import build

build()
