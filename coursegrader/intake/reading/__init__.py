"""What can be read of a file that somebody handed in?"""
