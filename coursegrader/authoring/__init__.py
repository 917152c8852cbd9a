"""May it be released, and do its tests hold?"""
