"""How is nbgrader set up for the course: which folders, which gradebook, which classes of ours?"""
