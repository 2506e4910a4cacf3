"""Run the command line as ``python -m scoring.cli``."""

import sys

from scoring.cli import main

sys.exit(main())
