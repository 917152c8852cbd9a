"""Which small lies about the reference solutions do the tests let pass?"""
