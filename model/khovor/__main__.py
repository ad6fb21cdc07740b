"""`python -m khovor`: the command line where no `khovor` script is on the path."""

from khovor.cli import main

main()
