"""What is asked of each value, and what is an answer to it worth?"""
