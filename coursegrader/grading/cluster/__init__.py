"""Which other machine runs which notebook?"""
