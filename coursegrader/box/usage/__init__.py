"""What does a box use of time, memory, disk and processors?"""
