"""How is nbgrader set up for the course: which settings, which folders, which gradebook, which classes of ours?"""
