"""What is written down about a grading, so that it can be believed later?"""
