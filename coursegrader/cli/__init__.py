"""What did the user ask, and what is done and printed for it?"""

from coursegrader.cli.entry import main

__all__ = ["main"]
