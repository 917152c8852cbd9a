"""What becomes of a grade cell's code when it only emits values?"""
