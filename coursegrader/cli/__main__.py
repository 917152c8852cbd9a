"""Is the command line asked for by the module's name?"""

import sys

from coursegrader.cli import main

if __name__ == "__main__":
    sys.exit(main())
