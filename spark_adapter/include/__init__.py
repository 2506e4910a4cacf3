"""Where the macros of the adapter are."""

import os

PACKAGE_PATH = os.path.dirname(__file__)
