"""Rows that cut fractions off cut no plan off, and do what they are for."""

from __future__ import annotations

import sys

import pytest
from random_worlds import random_world as any_world
from test_brute_force import best_by_enumeration
from test_priced import EXACT, program, value

from khovor.formulation import build
from khovor.network import chains, derive
from khovor.solve import compile_model
from khovor.solve.highs import relaxed, run
from khovor.solve.strengthen import strengthened
from support import case_of, one_mine
