"""khovor: what to build, where, how large and when, and by which corridors to sell."""
