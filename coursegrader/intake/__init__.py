"""What was handed in, and how is it made gradable?"""
