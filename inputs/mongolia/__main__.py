"""Write the shipped case, and the same with tax and support."""

from inputs.mongolia import build, build_supported

build()
build_supported()
