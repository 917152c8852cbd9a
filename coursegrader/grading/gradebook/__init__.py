"""What is written into nbgrader's gradebook, and what is read from it?"""
