"""What does the instructor ask?"""
