"""`python -m alliances` is the command `alliances`."""

import sys

from alliances.command import main

if __name__ == "__main__":
    sys.exit(main())
