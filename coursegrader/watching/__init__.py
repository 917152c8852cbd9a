"""What has just been handed in, and is it graded at once?"""
