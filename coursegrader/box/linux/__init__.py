"""What of Linux does a box use that Python has no name for?"""
