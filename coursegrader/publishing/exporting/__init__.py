"""What do other systems read?"""

#: The formats there are, by the names the command line knows them by; ``export.py`` writes them.
FORMATS = ("csv", "canvas", "moodle", "gradescope", "junit", "classroom50", "summary", "gradescope-zip")
