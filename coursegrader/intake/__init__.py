"""What was handed in, by whom, and how is it made gradable?"""
