"""The map: outlines that travel with the package, views that fit the plan, and the picture drawn on them."""
