"""What do people read?"""

#: Where nbgrader's formgrader is, unless it is told otherwise.
FORMGRADER = "http://localhost:8888/formgrader"
