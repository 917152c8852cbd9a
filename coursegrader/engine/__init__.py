"""What came of running one notebook?"""
