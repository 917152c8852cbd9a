"""How do the feedback pages of an assignment come into being?"""

from __future__ import annotations

import copy
from fnmatch import fnmatch
from pathlib import Path

from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory

from coursegrader.course.course import Course
from coursegrader.course.setup.gradebook import open_gradebook
from coursegrader.errors import CourseGraderError, ReleaseRefused
from coursegrader.grading.gradebook.converters import run_converter
from coursegrader.grading.gradebook.notebooks import refuse_others


def feedback(course: Course, name: str, student: str = "*") -> list[Path]:
    """Generate the feedback pages with nbgrader's own converter and return them.

    Raises:
        CourseError: Notebooks came to the assignment or left it since it was graded.
        CourseGraderError: nbgrader could not generate a page.
        GradebookError: The gradebook cannot be used.
    """
    with open_gradebook(course.directory) as gradebook:  # what is wrong with it, nbgrader says once for each student
        refuse_others(gradebook, course.assignment(name))
    config = copy.deepcopy(course.config)
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.assignment_id = course.assignment(name).name
    config.CourseDirectory.student_id = student
    converter = GenerateFeedback(coursedir=CourseDirectory(config=config), config=config)
    converter.force = True
    try:
        run_converter(converter, f"feedback for {name}")
    except ReleaseRefused as error:
        raise CourseGraderError(f"{error}; grade the submissions first") from error
    return sorted(
        page
        for who in course.students("feedback", name)
        if fnmatch(who, student)
        for page in course.step("feedback", who, name).glob("*.html")
    )
