"""What value did a record bring, and how does it differ from the expected one?"""
