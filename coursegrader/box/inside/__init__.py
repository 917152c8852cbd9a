"""What runs the cells in a box, and how does it speak to the grader?"""
